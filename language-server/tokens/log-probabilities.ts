/** Logits as log-probabilities. */
import type { TokenId } from './vocabulary.js';

/*
 * Loops count: iterating takes twice as long, which over a vocabulary is several hundredths of a token's time.
 */
/* eslint-disable @typescript-eslint/prefer-for-of */

/** Natural logarithm of the sum of exponentials: subtracting it from a logit gives the token's log-probability. */
export function logSumExp(logits: Float32Array): number {
  let highest = -Infinity;
  for (let token = 0; token < logits.length; token++) if (logits[token]! > highest) highest = logits[token]!;
  let sum = 0;
  for (let token = 0; token < logits.length; token++) sum += Math.exp(logits[token]! - highest);
  return highest + Math.log(sum);
}

const known = new WeakMap<Float32Array, number>();

/** The same of logits that nobody changes any more, computed once for all who ask about them. */
export function normaliserOf(logits: Float32Array): number {
  const normaliser = known.get(logits) ?? logSumExp(logits);
  known.set(logits, normaliser);
  return normaliser;
}

/** Log-probability of `token` under `logits`. */
export function logProbability(logits: Float32Array, token: TokenId): number {
  return logits[token]! - logSumExp(logits);
}

/** How sure a distribution is of itself. */
export interface Sureness {
  /** Nats. */
  readonly entropy: number;
  /** Probabilities of the likeliest token, and by how much it leads. */
  readonly top: number;
  readonly margin: number;
}

export function surenessOf(logits: Float32Array): Sureness {
  let first = -Infinity;
  let second = -Infinity;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (first < logit) {
      second = first;
      first = logit;
    } else if (second < logit) second = logit;
  }
  let sum = 0;
  let weighted = 0;
  for (let token = 0; token < logits.length; token++) {
    const below = logits[token]! - first;
    // What is less likely than 1e-11 of the likeliest adds nothing that could be seen.
    if (below < -25) continue;
    const share = Math.exp(below);
    sum += share;
    weighted += share * below;
  }
  const top = 1 / sum;
  return {
    entropy: Math.max(0, Math.log(sum) - weighted / sum),
    top,
    margin: top - Math.exp(second - first) / sum,
  };
}
