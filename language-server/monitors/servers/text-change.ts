/** Positions in texts as LSP counts them, and the smallest change that leads from one text to another. */

/** Both count from 0; `character` counts UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Texts have `\n` as their line end, or are other editors' documents with whatever they have. */
export function positionAt(text: string, offset: number): Position {
  let line = 0;
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n', start);
    if (end < 0 || end >= offset) return { line, character: offset - start };
    line++;
    start = end + 1;
  }
}

export function offsetAt(text: string, { line, character }: Position): number {
  let start = 0;
  for (let at = 0; at < line; at++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return Math.min(start + character, text.length);
}

export interface TextChange {
  readonly range: Range;
  readonly text: string;
}

/** One replacement that turns `from` into `to`; it splits no pair of surrogates and no pair of `\r\n`. */
export function changeBetween(from: string, to: string): TextChange {
  const most = Math.min(from.length, to.length);
  let start = 0;
  while (start < most && from.charCodeAt(start) === to.charCodeAt(start)) start++;
  if (isInside(from, start) || isInside(to, start)) start--;
  let tail = 0;
  while (
    tail < most - start &&
    from.charCodeAt(from.length - tail - 1) === to.charCodeAt(to.length - tail - 1)
  )
    tail++;
  if (isInside(from, from.length - tail) || isInside(to, to.length - tail)) tail--;
  return {
    range: { start: positionAt(from, start), end: positionAt(from, from.length - tail) },
    text: to.slice(start, to.length - tail),
  };
}

/** Whether an offset lies between two units that belong together. */
function isInside(text: string, offset: number): boolean {
  const before = text.charCodeAt(offset - 1);
  const after = text.charCodeAt(offset);
  const pair = 0xd800 <= before && before < 0xdc00 && 0xdc00 <= after && after < 0xe000;
  return pair || (before === 13 && after === 10);
}
