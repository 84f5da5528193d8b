/** Which part of a long text goes into the prompt: a window whose edges move in steps, not with each keystroke. */

/** Text near an edge that is searched for the end of a line. */
const LONGEST_LINE = 400;

/**
 * The end of the text before the cursor: between half of `most` characters and all of them. Its start is a line's
 * start that stays put while the user types half of `most`, so the tokens of everything after it can be reused.
 */
export function windowBefore(before: string, most: number): string {
  if (before.length <= most) return before;
  const step = Math.max(Math.floor(most / 2), 1);
  const edge = Math.ceil((before.length - most) / step) * step;
  const lineEnd = before.slice(edge, edge + LONGEST_LINE).indexOf('\n');
  return before.slice(lineEnd < 0 ? wholeCharacter(before, edge) : edge + lineEnd + 1);
}

/** The beginning of the text after the cursor: whole lines, at most `most` characters. */
export function windowAfter(after: string, most: number): string {
  if (after.length <= most) return after;
  const lineEnd = after.lastIndexOf('\n', most - 1);
  return after.slice(0, lineEnd < most - LONGEST_LINE ? wholeCharacter(after, most) : lineEnd + 1);
}

/** An offset that does not fall inside a surrogate pair. */
function wholeCharacter(text: string, offset: number): number {
  const unit = text.charCodeAt(offset);
  return 0xdc00 <= unit && unit < 0xe000 ? offset + 1 : offset;
}
