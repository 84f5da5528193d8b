/**
 * Where to go back to when a text has met a dead end: approximately aligned decoding (AprAD, NeurIPS 2025).
 *
 * Forbidding what was found makes every token that led there a little less likely than the model said. As in
 * speculative sampling, each token is kept by the ratio of its new and its old probability, raised to an exponent;
 * from the first that is not kept, writing begins anew. Exponent 0 changes the last token only, which is plain
 * constraining; an infinite one starts over whenever anything changed, which is ASAp; 1 lies between. What is written
 * there is drawn from the new distribution: with what speculative sampling draws in place of a lost token, the
 * infinite exponent would not be exact.
 */

export interface Kept {
  /** The model's probability of the token. */
  readonly before: number;
  /** Its probability now that more is known to be forbidden. */
  readonly now: number;
}

/** How many of the tokens are kept. @param random numbers in [0, 1): equal seeds go back to equal places. */
export function keptTokens(tokens: readonly Kept[], exponent: number, random: () => number): number {
  const lost = tokens.findIndex(({ before, now }) => random() >= shareKept(before, now, exponent));
  return lost < 0 ? tokens.length : lost;
}

/** The probability of keeping a token. */
export function shareKept(before: number, now: number, exponent: number): number {
  if (now <= 0) return 0;
  return now >= before ? 1 : (now / before) ** exponent;
}
