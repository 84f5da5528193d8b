/** How a draft could go on so as to end soon, and how likely the text after the cursor follows it as it is. */
import type { Branch, Spoken } from '../../inference/model.js';
import { topTokens } from '../../tokens/top-tokens.js';
import type { Vocabulary } from '../../tokens/vocabulary.js';
import type { NextToken } from '../aligned/future-trie.js';
import { closingTokens } from './closing-tokens.js';
import { followingTokens } from '../following/following-tokens.js';

export interface Ways {
  /** Includes the draft's last token. */
  readonly branch: Branch;
  readonly exit: number;
  /** The likeliest tokens that close, and the likeliest of all. */
  readonly tokens: readonly NextToken[];
  /** Probability that what stands after the cursor follows; that the text ends, where the model was told what does. */
  readonly follows: number;
}

const MOST_CLOSING = 12;
const LEAST_CLOSING = 1e-6;
const MOST_OTHERS = 3;
const LEAST_OTHERS = 0.05;

/**
 * @param normaliser logarithm of the sum of the exponentials of the logits
 * @param after undefined where the model was told what follows the cursor: it ends the text where it would join
 */
export function waysAfter(
  { logits, branch, exit }: Spoken,
  normaliser: number,
  after: string | undefined,
  vocabulary: Vocabulary,
): Ways {
  const probability = (token: number): number => Math.exp(logits[token]! - normaliser);
  const lowest = normaliser + Math.log(LEAST_CLOSING);
  const closing = closingTokens(vocabulary)
    .filter((token) => lowest < logits[token]!)
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, MOST_CLOSING);
  const others = Array.from(topTokens(logits, MOST_OTHERS)).filter(
    (token) => LEAST_OTHERS <= probability(token) && !closing.includes(token),
  );
  const joining = after === undefined ? [...vocabulary.endOfText] : followingTokens(after, vocabulary);
  const follows = joining.reduce((sum, token) => sum + probability(token), 0);
  const tokens = [...closing, ...others].map((token) => ({ token, probability: probability(token) }));
  return { branch, exit, tokens, follows };
}
