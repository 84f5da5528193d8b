/** One line: the rest of the cursor's line or, on a blank line, the first that is not blank. */
import type { Complete } from '../finish.js';
import { isBlank, type Place } from './place.js';

/** Ends of the lines that `written` completes: the first one is wanted, later ones serve where it may not end. */
export function lineEnds(written: string, { lineBefore }: Place): readonly Complete[] {
  const ends: Complete[] = [];
  let line = lineBefore;
  let start = 0;
  for (let end = written.indexOf('\n'); end >= 0; end = written.indexOf('\n', start)) {
    line += written.slice(start, end);
    // Where something stands before the cursor, even an empty rest completes the line.
    if (!isBlank(line)) {
      const keep = withoutReturn(written, end);
      ends.push({ ending: 'line', keep });
      // The last member of a list ends without the comma that the model would go on after.
      if (written[keep - 1] === ',') ends.push({ ending: 'line', keep: keep - 1 });
    }
    line = '';
    start = end + 1;
  }
  return ends;
}

/** `end`, or one less where a carriage return stands before it. */
export function withoutReturn(text: string, end: number): number {
  return end > 0 && text[end - 1] === '\r' ? end - 1 : end;
}
