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

/** Its cause: the sign behind the name, or what could be other behind that; the span itself when this text does not show it. */
export function causeOf(span: Span, { on, about }: MisplacedError, text: string): Span {
  if (about === 'value' || about === 'assigning') return causeOfAssigning(span, about, text);
  const bracket = about === 'indexing' ? '[' : '(';
  const named = text[span.end] === bracket ? span.end : undefined;
  const open = on === 'name' ? named : openingOf(span, text);
  if (open === undefined) return span;
  if (about === 'calling' || about === 'indexing') return { start: open, end: open + 1 };
  const closing = closingOf(open, text);
  const end = closing === undefined ? text.length : closing + 1;
  return { start: about === 'lack' && closing !== undefined ? closing : open + 1, end };
}

function causeOfAssigning(span: Span, about: 'value' | 'assigning', text: string): Span {
  const [whole, blanks] = /^(\s*)[=:](?![=>:])\s*/.exec(span.end < 0 ? '' : text.slice(span.end)) ?? [];
  if (whole === undefined || blanks === undefined) return span;
  const sign = span.end + blanks.length;
  const start = span.end + whole.length;
  // An attribute has a value, whatever its type, and so has a key.
  const isNeeded = text[sign] === ':' || (whole === '=' && /^["'{]/.test(text.slice(start)));
  if (about === 'assigning' && !isNeeded) return { start: sign, end: sign + 1 };
  return { start, end: endOfValue(start, text) };
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
