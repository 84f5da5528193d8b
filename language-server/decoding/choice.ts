/** In which order tokens are tried: the likeliest first, or drawn by chance from a seed. */
import { likeliestFirst } from '../tokens/top-tokens.js';
import type { TokenId } from '../tokens/vocabulary.js';

/**
 * Orders tokens for one growth of a draft. `stream` tells drafts apart and `at` counts their tokens, so that equal
 * seeds give equal drafts whatever else is decoded beside them.
 */
export type Choice = (logits: Float32Array, stream: number, at: number) => Float32Array;

/** By likelihood: the logits themselves. */
export const greedy: Choice = (logits) => logits;

/**
 * By chance, as softmax(logits / temperature) would draw without replacement: the order of logits with Gumbel noise
 * (Kool et al. 2019, https://arxiv.org/abs/1903.06059, §2). A refused token thus leaves the others' odds as they were.
 */
export function sampled(temperature: number, seed: number): Choice {
  return (logits, stream, at) => {
    const random = randomNumbers(seed, stream, at);
    return logits.map((logit) => logit / temperature - Math.log(-Math.log(random())));
  };
}

/** Tokens by falling score; only those `among`, if given. */
export function tokensInOrder(scores: Float32Array, among?: readonly TokenId[]): Iterable<TokenId> {
  if (among === undefined) return likeliestFirst(scores);
  return [...among].sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** The logits as they are where more is known of what follows some tokens: their shares, from 0 to 1. */
export function weighed(logits: Float32Array, shares: ReadonlyMap<TokenId, number>): Float32Array {
  if (shares.size === 0) return logits;
  const weighed = logits.slice();
  for (const [token, share] of shares) weighed[token]! += Math.log(share);
  return weighed;
}

/** Numbers strictly between 0 and 1 that depend on nothing but the seeds (the generator mulberry32). */
export function randomNumbers(...seeds: readonly number[]): () => number {
  let state = seeds.reduce(
    (mixed, seed) => Math.imul(mixed ^ (seed + 0x9e3779b9), 0x85ebca6b) ^ (mixed >>> 15),
    0x2545f491,
  );
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (((bits ^ (bits >>> 14)) >>> 0) + 0.5) / 0x100000000;
  };
}
