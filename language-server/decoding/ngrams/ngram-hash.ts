/** Names for sequences of tokens: two hashes of 32 bits, computed alike here and by `models/recipe/ngrams`. */
import type { TokenId } from '../../tokens/vocabulary.js';

/** Odd constants of 32 bits; the first pair multiplies, the second begins. */
const FACTORS = [0x9e3779b1, 0x85ebca6b] as const;
const SEEDS = [0x2545f491, 0x27d4eb2f] as const;

export type Hash = readonly [place: number, print: number];

/** The hashes of `tokens[start..end)`. Lengths are part of them. */
export function hashOf(tokens: readonly TokenId[], start: number, end: number): Hash {
  let [place, print] = SEEDS as readonly [number, number];
  place ^= end - start;
  print ^= end - start;
  for (let at = start; at < end; at++) {
    place = mixed(place ^ tokens[at]!, FACTORS[0]);
    print = mixed(print ^ tokens[at]!, FACTORS[1]);
  }
  return [place >>> 0, print >>> 0];
}

function mixed(state: number, factor: number): number {
  const product = Math.imul(state, factor);
  return product ^ (product >>> 15);
}
