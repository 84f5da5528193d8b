/** Errors about a call that a server puts on its name, or on all of it, and where their cause lies. */

/** Offsets in UTF-16 units, from the beginning of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An error about a call. */
export interface CallError {
  /** What of the call it lies on. */
  readonly on: 'name' | 'call';
  /** Its arguments; or that there are too few, so that all that are given stay; or that something is called at all. */
  readonly about: 'arguments' | 'lack' | 'calling';
}

/** Its cause: the bracket of the call, or what could be other behind it; the span itself when this text does not show it. */
export function causeOf(span: Span, { on, about }: CallError, text: string): Span {
  const named = text[span.end] === '(' ? span.end : undefined;
  const open = on === 'name' ? named : openingOf(span, text);
  if (open === undefined) return span;
  if (about === 'calling') return { start: open, end: open + 1 };
  const closing = closingOf(open, text);
  const end = closing === undefined ? text.length : closing + 1;
  return { start: about === 'lack' && closing !== undefined ? closing : open + 1, end };
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
