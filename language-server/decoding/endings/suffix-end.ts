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
 * The rest of the cursor's line in the first line of the draft. What closes there must close something that was
 * opened before the cursor; other text must be repeated whole.
 */
function restOfLineRepeated(written: string, lineAfter: string): number | undefined {
  const rest = lineAfter.trim();
  if (rest === '') return undefined;
  const lineFeed = written.indexOf('\n');
  const line = lineFeed < 0 ? written : written.slice(0, lineFeed);
  const closer = CLOSERS.exec(rest)![0][0];
  if (closer !== undefined) return unopened(line, closer);
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

/** A whole line of the draft that equals the next line of the file, indentation included. */
function nextLineRepeated(written: string, { lineBefore, nextLine }: Place): number | undefined {
  if (nextLine === undefined) return undefined;
  const next = nextLine.trimEnd();
  const lines = written.split('\n');
  let start = 0;
  for (const [index, line] of lines.entries()) {
    const isWhole = index < lines.length - 1;
    const text = index === 0 ? lineBefore + line : line;
    if (isWhole && !isBlank(text) && text.trimEnd() === next) {
      return index === 0 ? 0 : withoutReturn(written, start - 1);
    }
    start += line.length + 1;
  }
  return undefined;
}
