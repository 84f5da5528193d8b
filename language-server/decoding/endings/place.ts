/** The text around the cursor, as endings look at it. */
import type { Program } from '../write-request.js';

export interface Place {
  readonly languageId: string;
  /** The cursor's line up to the cursor. */
  readonly lineBefore: string;
  /** The rest of the cursor's line. */
  readonly lineAfter: string;
  /** The next line after the cursor's that is not blank, or undefined. */
  readonly nextLine: string | undefined;
}

export function placeOf({ languageId, before, after }: Program): Place {
  const [lineAfter, ...later] = after.split(/\r?\n/, 200);
  return {
    languageId,
    lineBefore: before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1),
    lineAfter: lineAfter ?? '',
    nextLine: later.find((line) => !isBlank(line)),
  };
}

export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** Columns of white space at the start of a line, a tab reaching to the next multiple of four. */
export function indentOf(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === '\t') column += 4 - (column % 4);
    else if (character === ' ') column++;
    else break;
  }
  return column;
}
