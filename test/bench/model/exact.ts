/** When what was written in place of a cut is right. `written` begins at the cursor and goes to the end of the file. */
import type { Cut } from '../cases.js';

/** A member by its name, whole lines by all of them, all else by the rest of the cursor's line. */
export function isExact(cut: Cut, written: string): boolean {
  const { kind, expected, after } = cut;
  if (kind === 'member') return /^[\p{L}\p{N}_$]*/u.exec(written)![0] === expected;
  if (kind === 'middle-lines') return isWhole(cut, written);
  return firstLine(written) === firstLine(expected + after);
}

/** The whole file is as it was, blanks at the ends of lines aside. */
export function isWhole({ expected, after }: Cut, written: string): boolean {
  return withoutLineEnds(written) === withoutLineEnds(expected + after);
}

export function firstLine(text: string): string {
  return text.split(/\r?\n/)[0]!.trimEnd();
}

function withoutLineEnds(text: string): string {
  return text.replace(/[ \t\r]+$/gm, '');
}
