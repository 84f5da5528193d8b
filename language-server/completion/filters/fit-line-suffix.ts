/** Fits a draft into what already stands after the cursor on its line: auto-closed brackets and quotes, or more text. */
import type { CompletionContext } from '../completion-context.js';

export interface Fitted {
  readonly text: string;
  /** Characters after the cursor, on its line, that the text replaces because it writes them itself. */
  readonly replaced: number;
}

const closers = /^[\s)\]}>"'`;,:]+$/;
const partners: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
/** Quotes that a language uses at all; an apostrophe in a comment opens nothing. */
const quotes = /["'`]/;
const marks = /["'`;,:]/;

/**
 * The replaced characters are always written by the text, in order: editors show ghost text only then.
 * What follows and is not written again must still follow, so a draft that goes on behind it is cut.
 */
export function fitLineSuffix(
  text: string,
  { linePrefix, lineSuffix }: Pick<CompletionContext, 'linePrefix' | 'lineSuffix'>,
): Fitted {
  const suffix = lineSuffix.trimEnd();
  if (suffix.trim() === '') return { text, replaced: 0 };
  const [line] = text.split('\n') as [string];
  if (line.endsWith(suffix)) return { text: line, replaced: suffix.length };
  const fitted = intoClosers(text, suffix, openQuote(linePrefix, suffix));
  if (0 < fitted.replaced || closers.test(suffix)) return fitted;
  return { text: line, replaced: overlap(line, suffix) };
}

/** Walks over the draft; each closer without a partner in it is the next one that already stands there. */
function intoClosers(text: string, suffix: string, inQuote: string | undefined): Fitted {
  const opened: string[] = [];
  let quote = inQuote;
  let taken = 0;
  let endOfTaken = 0;
  const take = (at: number): boolean => {
    const next = taken + /^\s*/.exec(suffix.slice(taken))![0].length;
    if (suffix[next] !== text[at]) return false;
    taken = next + 1;
    endOfTaken = at + 1;
    return true;
  };
  let end = text.length;
  for (let at = 0; at < end; at++) {
    const unit = text[at]!;
    if (unit === '\\') at++;
    else if (quote !== undefined) {
      if (unit !== quote) continue;
      quote = undefined;
      if (inQuote === unit && taken === 0) take(at);
    } else if (opened.length === 0 && 0 < taken && at === endOfTaken && marks.test(unit)) {
      // What stands right behind a closer that was there: `);`, `}\`;`.
      if (!take(at) && quotes.test(unit)) quote = unit;
    } else if (quotes.test(unit)) quote = unit;
    else if ('([{'.includes(unit)) opened.push(unit);
    else if (unit in partners) {
      if (opened.at(-1) === partners[unit]) opened.pop();
      // The draft closes what is not the next to be closed: what stands there closes it better.
      else if ((0 < opened.length || !take(at)) && /^\s*[)\]}]/.test(suffix.slice(taken))) end = at;
    }
  }
  // What is not written again must follow right behind what is.
  const someLeft = 0 < taken && suffix.slice(taken).trim() !== '';
  return { text: text.slice(0, someLeft ? endOfTaken : end), replaced: taken };
}

/** The quote that stands open before the cursor and closed right after it. */
function openQuote(linePrefix: string, suffix: string): string | undefined {
  const quote = suffix[0]!;
  if (!quotes.test(quote)) return undefined;
  const count = linePrefix.replaceAll(/\\./g, '').split(quote).length - 1;
  return count % 2 === 1 ? quote : undefined;
}

/** How much of the suffix the line writes at its end: all of it, or a beginning that is more than a single mark. */
function overlap(line: string, suffix: string): number {
  for (let length = Math.min(line.length, suffix.length); 0 < length; length--) {
    const beginning = suffix.slice(0, length);
    const telling = length === suffix.length || 1 < beginning.trim().length;
    if (telling && line.endsWith(beginning)) return length;
  }
  return 0;
}
