/** Errors that a server puts on a name, though they are about what is done with it, and where their cause lies. */

/** Offsets in UTF-16 units, from the beginning of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An error about a call, an index, or an assignment. */
export interface MisplacedError {
  /** What it lies on. */
  readonly on: 'name' | 'call';
  /**
   * The arguments; or that there are too few, so that all that are given stay; or that something is called, or indexed,
   * at all. Or the value that is assigned; or that one is assigned at all.
   */
  readonly about: 'arguments' | 'lack' | 'calling' | 'indexing' | 'value' | 'assigning';
}

/**
 * Its cause: the sign behind the name, or what could be other behind that; the span itself when this text does not show
 * it. `lineBefore`: what stands before the text in its line.
 */
export function causeOf(span: Span, { on, about }: MisplacedError, text: string, lineBefore = ''): Span {
  if (about === 'value') return causeOfValue(span, text, lineBefore) ?? span;
  if (about === 'assigning') return causeOfAssigning(span, text, lineBefore) ?? span;
  const bracket = about === 'indexing' ? '[' : '(';
  const named = text[span.end] === bracket ? span.end : undefined;
  const open = on === 'name' ? named : openingOf(span, text);
  if (open === undefined) return span;
  if (about === 'calling' || about === 'indexing') return { start: open, end: open + 1 };
  const closing = closingOf(open, text);
  const end = closing === undefined ? text.length : closing + 1;
  return { start: about === 'lack' && closing !== undefined ? closing : open + 1, end };
}

/** The value behind `=`, or behind the `:` of a key. */
function causeOfValue(span: Span, text: string, lineBefore: string): Span | undefined {
  const sign = signBehind(span, text);
  if (!sign) return undefined;
  const [declared] = DECLARED.exec(text.slice(span.end)) ?? [];
  if (declared === undefined && text[sign.at] === ':' && !isKey(span, text, lineBefore)) return undefined;
  const start = declared === undefined ? sign.start : span.end + declared.length;
  return { start, end: endOfValue(start, text) };
}

/** Behind a name that is declared stands its type first. */
const DECLARED = /^\s*:[^=\n]*=(?![=>])\s*/;

/** That it is assigned at all; but an attribute has a value, whatever its type, and so has a key. */
function causeOfAssigning(span: Span, text: string, lineBefore: string): Span | undefined {
  const sign = signBehind(span, text);
  if (!sign) return undefined;
  const isAttribute = sign.start === sign.at + 1 && /^["'{]/.test(text.slice(sign.start));
  if (isAttribute || text[sign.at] === ':') return causeOfValue(span, text, lineBefore);
  return { start: sign.at, end: sign.at + 1 };
}

/** Where `=` or `:` stands behind a span, and where what follows that begins. */
function signBehind(
  { end }: Span,
  text: string,
): { readonly at: number; readonly start: number } | undefined {
  const [whole, blanks] = /^(\s*)[=:](?![=>:])\s*/.exec(end < 0 ? '' : text.slice(end)) ?? [];
  if (whole === undefined || blanks === undefined) return undefined;
  return { at: end + blanks.length, start: end + whole.length };
}

/** Whether a name stands where keys do, and not in a choice between two values. */
function isKey({ start }: Span, text: string, lineBefore: string): boolean {
  return /(?:^|[{,\n])\s*$/.test((lineBefore + text).slice(0, lineBefore.length + start));
}

/** Where the statement, the line, or what the value stands in ends. */
function endOfValue(start: number, text: string): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const unit = text[at]!;
    if ('([{'.includes(unit)) depth++;
    if (depth === 0 && ';,\n)]}'.includes(unit)) return at;
    if (')]}'.includes(unit) && --depth === 0 && text[start] === '{') return at + 1;
  }
  return text.length;
}

/** The bracket that the last sign of `span` closes. */
function openingOf({ start, end }: Span, text: string): number | undefined {
  if (text[end - 1] !== ')') return undefined;
  let depth = 0;
  for (let at = end - 1; at >= Math.max(0, start); at--) {
    if (text[at] === ')') depth++;
    else if (text[at] === '(' && --depth === 0) return at;
  }
  return undefined;
}

function closingOf(open: number, text: string): number | undefined {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return undefined;
}
