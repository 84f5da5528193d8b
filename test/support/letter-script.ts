/** Scripts over five letters for tests of several drafts, and which letters go together. */
import type { Draft } from '../../language-server/decoding/draft.js';
import type { NextToken } from '../../language-server/decoding/drafting/shared-row.js';
import { randomNumbers } from './random-numbers.js';
import type { TextScript } from './scripted-decoding.js';

export const letters = ['a', 'b', 'c', 'd', 'e'];

/** Follows each token by the one two letters on, and by nothing else. */
export const byPairs: NextToken = (before, token) => (token === before.at(-1)! + 2 || token === 0 ? 1 : 1e-4);

/** Likely continuations of any text, the same for the same text. */
export const anyScript: TextScript = (written) => {
  const random = randomNumbers(written.length * 31 + (written.codePointAt(written.length - 1) ?? 7));
  const weights = letters.map(() => random() ** 3);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Object.fromEntries(letters.map((letter, at) => [letter, (0.95 * weights[at]!) / sum]));
};

/** A leads; `bd` with .3 × .9 and `ce` with .2 × .8 follow in one row. */
export const threeWays: TextScript = (written) =>
  ({
    '': { a: 0.5, b: 0.3, c: 0.2 },
    a: { '<end>': 0.9 },
    b: { d: 0.9, '<end>': 0.05 },
    c: { e: 0.8, '<end>': 0.1 },
  })[written] ?? { '<end>': 0.99 };

/** Probabilities of drafts by their texts. */
export function chances(drafts: readonly Draft[]): Readonly<Record<string, number>> {
  return Object.fromEntries(drafts.map(({ text, logProb }) => [text, Math.exp(logProb)]));
}
