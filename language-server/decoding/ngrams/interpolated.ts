/** N-grams of several lengths and sources as one probability (Shen et al. 2024, §3.3 and appendix B). */
import type { TokenId } from '../../tokens/vocabulary.js';
import type { NextToken } from '../drafting/shared-row.js';
import type { NgramTable } from './ngram-table.js';

/** The paper's weights of 2-, 3-, … and 6-grams, which are used as they are; they need not sum to one. */
const WEIGHTS = [0.01, 0.04, 0.15, 0.18, 0.12];
/** What is left to tokens that no n-gram ends in, so that they are unlikely and not impossible. */
const UNSEEN = 1e-4;

/** The mean over the sources: code at large, and the texts at hand. */
export function interpolated(sources: readonly NgramTable[]): NextToken {
  const total = WEIGHTS.reduce((sum, weight) => sum + weight, 0) * sources.length;
  return (before: readonly TokenId[], token: TokenId): number => {
    const tokens = [...before.slice(-LONGEST), token];
    let sum = 0;
    for (const { orders, probability } of sources) {
      for (const [index, weight] of WEIGHTS.entries()) {
        const order = index + SHORTEST;
        if (orders[0] <= order && order <= orders[1] && order <= tokens.length)
          sum += weight * probability(tokens, tokens.length - order, tokens.length);
      }
    }
    return UNSEEN + (1 - UNSEEN) * (sum / total);
  };
}

const SHORTEST = 2;
/** Tokens before the next one that the longest n-gram looks at. */
const LONGEST = SHORTEST + WEIGHTS.length - 2;
