/** The text after the cursor, begun again: a draft ends before it would repeat what already stands there. */
import { withoutReturn } from './line-end.js';
import { isBlank, type Place } from './place.js';

/** Length of the text to keep once `written` repeats what follows the cursor; undefined while it does not. */
export function suffixEnd(written: string, place: Place): number | undefined {
  return restOfLineRepeated(written, place.lineAfter) ?? nextLineRepeated(written, place);
}

/** What closes, in auto-closed pairs, right after the cursor. */
const CLOSERS = /^[\s)\]}>"'`;,]*/;

/**
 * The rest of the cursor's line in the draft. What closes there must close something that was opened before the
 * cursor, on whichever line of the draft; quotes and other text are looked for in its first line.
 */
function restOfLineRepeated(written: string, lineAfter: string): number | undefined {
  const rest = lineAfter.trim();
  if (rest === '') return undefined;
  const lineFeed = written.indexOf('\n');
  const line = lineFeed < 0 ? written : written.slice(0, lineFeed);
  const closer = CLOSERS.exec(rest)![0][0];
  if (closer !== undefined) {
    const at = unopened(closer in OPENERS ? written : line, closer);
    const lineStart = at === undefined ? 0 : written.lastIndexOf('\n', at - 1) + 1;
    // The rest of the line brings its own indentation.
    const isIndented = at !== undefined && lineStart > 0 && /^\s/.test(lineAfter);
    return isIndented && isBlank(written.slice(lineStart, at)) ? lineStart : at;
  }
  if (!line.trimEnd().endsWith(rest)) return undefined;
  const kept = line.slice(0, line.trimEnd().length - rest.length);
  return /^\s/.test(lineAfter) ? kept.trimEnd().length : kept.length;
}

const OPENERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '>': '<' };

/** Where `closer` closes what `line` did not open; quotes close at the first one, since the cursor is inside them. */
function unopened(line: string, closer: string): number | undefined {
  const opener = OPENERS[closer];
  let depth = 0;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === '\\' && opener === undefined) at++;
    else if (quote !== undefined) {
      if (character === '\\') at++;
      else if (character === quote) quote = undefined;
    } else if (character === closer) {
      if (opener === undefined || depth === 0) return at;
      depth--;
    } else if (opener !== undefined && '"\'`'.includes(character)) quote = character;
    else if (character === opener) depth++;
  }
  return undefined;
}

/**
 * A whole line of the draft that equals the next line of the file, indentation included. Before a line's own text,
 * that line is the next one, and the draft keeps its last line end.
 */
function nextLineRepeated(written: string, { lineBefore, lineAfter, nextLine }: Place): number | undefined {
  const isBefore = isBlank(lineBefore) && !isBlank(lineAfter);
  const next = (isBefore ? lineBefore + lineAfter : nextLine)?.trimEnd();
  if (next === undefined) return undefined;
  const lines = written.split('\n');
  let start = 0;
  for (const [index, line] of lines.entries()) {
    const isWhole = index < lines.length - 1;
    const text = index === 0 ? lineBefore + line : line;
    if (isWhole && !isBlank(text) && text.trimEnd() === next) {
      if (index === 0) return 0;
      return isBefore ? start : withoutReturn(written, start - 1);
    }
    start += line.length + 1;
  }
  return undefined;
}
