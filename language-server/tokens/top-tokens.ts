/** The likeliest tokens first, without sorting the vocabulary. */
import type { TokenId } from './vocabulary.js';

/** Tokens by falling score; equal scores by rising id. Lazy: the first few cost one pass over the vocabulary. */
export function* likeliestFirst(scores: Float32Array): Generator<TokenId, undefined> {
  let yielded = 0;
  for (let count = 16; yielded < scores.length; count *= 8) {
    const best = topTokens(scores, count);
    for (; yielded < best.length; yielded++) yield best[yielded]!;
  }
  return undefined;
}

/** The `count` tokens of the highest scores, highest first; equal scores by rising id. */
export function topTokens(scores: Float32Array, count: number): Int32Array {
  if (count >= scores.length / 8)
    return sorted(
      Int32Array.from(scores, (_, token) => token),
      scores,
    );
  // A heap with its worst member on top: most scores lose against it in one comparison.
  const heap = sorted(
    Int32Array.from({ length: count }, (_, token) => token),
    scores,
  ).reverse();
  let worst = scores[heap[0]!]!;
  for (let token = count; token < scores.length; token++) {
    if (scores[token]! <= worst) continue;
    heap[0] = token;
    sink(heap, scores);
    worst = scores[heap[0]]!;
  }
  return sorted(heap, scores);
}

function sorted(tokens: Int32Array, scores: Float32Array): Int32Array {
  return tokens.sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** Whether token `a` comes after token `b` in the order of `topTokens`. */
function isWorse(a: TokenId, b: TokenId, scores: Float32Array): boolean {
  const difference = scores[a]! - scores[b]!;
  return difference === 0 ? a > b : difference < 0;
}

/** Lets the top of the heap sink to where both children are better. */
function sink(heap: Int32Array, scores: Float32Array): void {
  const top = heap[0]!;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isWorse(heap[child + 1]!, heap[child]!, scores)) child++;
    if (!isWorse(heap[child]!, top, scores)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = top;
}
