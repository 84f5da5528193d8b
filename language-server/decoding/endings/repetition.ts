/** Loops: a draft that says the same few tokens over and over. */
import type { DraftToken } from '../draft.js';

/**
 * The last `window` tokens repeat with a period of at most `period`. Code repeats itself honestly in short runs
 * (`0, 0, 0`), so longer periods need longer windows; the numbers are those that other completion products settled on.
 */
const RULES: readonly { readonly period: number; readonly window: number }[] = [
  { period: 1, window: 10 },
  { period: 10, window: 30 },
  { period: 20, window: 45 },
  { period: 30, window: 60 },
];

/** Tokens to keep, one turn of the loop included, when the draft has become a loop. */
export function loopStart(tokens: readonly DraftToken[]): number | undefined {
  for (const { period, window } of RULES) {
    if (tokens.length < window) continue;
    const found = shortestPeriod(tokens.slice(-window).map((token) => token.token));
    if (found <= period) return tokens.length - window + found;
  }
  return undefined;
}

/** The least p > 0 with x[i] = x[i + p] everywhere (Knuth, Morris, Pratt: length less the longest border). */
function shortestPeriod(sequence: readonly number[]): number {
  const border = [0];
  for (let at = 1; at < sequence.length; at++) {
    let length = border[at - 1]!;
    while (length > 0 && sequence[at] !== sequence[length]) length = border[length - 1]!;
    border.push(sequence[at] === sequence[length] ? length + 1 : 0);
  }
  return sequence.length - border.at(-1)!;
}
