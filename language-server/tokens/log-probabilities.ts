/** Logits as log-probabilities. */
import type { TokenId } from './vocabulary.js';

/** Natural logarithm of the sum of exponentials: subtracting it from a logit gives the token's log-probability. */
export function logSumExp(logits: Float32Array): number {
  let highest = -Infinity;
  for (const logit of logits) if (logit > highest) highest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return highest + Math.log(sum);
}

/** Log-probability of `token` under `logits`. */
export function logProbability(logits: Float32Array, token: TokenId): number {
  return logits[token]! - logSumExp(logits);
}
