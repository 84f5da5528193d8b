/** One line: the rest of the cursor's line or, on a blank line, the first that is not blank. */
import { isBlank, type Place } from './place.js';

/** Length of the line that `written` completes, without its line end; undefined while it is not complete. */
export function lineEnd(written: string, { lineBefore }: Place): number | undefined {
  let start = 0;
  for (;;) {
    const end = written.indexOf('\n', start);
    if (end < 0) return undefined;
    const isFirst = start === 0;
    const line = (isFirst ? lineBefore : '') + written.slice(start, end);
    // Where something stands before the cursor, even an empty rest completes the line.
    if (!isBlank(line)) return withoutReturn(written, end);
    start = end + 1;
  }
}

/** `end`, or one less where a carriage return stands before it. */
export function withoutReturn(text: string, end: number): number {
  return end > 0 && text[end - 1] === '\r' ? end - 1 : end;
}
