/** How likely a token is after the few before it, in the texts at hand: counted when they are needed. */
import type { TokenId } from '../../tokens/vocabulary.js';
import { hashOf } from './ngram-hash.js';
import type { NgramTable } from './ngram-table.js';

/** Counts the n-grams of some texts, each a sequence of tokens. About a microsecond for each token and order. */
export function countNgrams(
  texts: readonly (readonly TokenId[])[],
  orders: NgramTable['orders'],
): NgramTable {
  const [least, most] = orders;
  const counts = new Map<number, number>();
  const followed = new Map<number, number>();
  for (const tokens of texts) {
    for (let end = 1; end <= tokens.length; end++) {
      for (let order = least; order <= most && order <= end; order++) {
        add(counts, keyOf(tokens, end - order, end));
        add(followed, keyOf(tokens, end - order, end - 1));
      }
    }
  }
  return {
    orders,
    probability(tokens, start, end) {
      const times = counts.get(keyOf(tokens, start, end));
      return times === undefined ? 0 : times / followed.get(keyOf(tokens, start, end - 1))!;
    },
  };
}

/** One number of 53 bits for a sequence. */
function keyOf(tokens: readonly TokenId[], start: number, end: number): number {
  const [place, print] = hashOf(tokens, start, end);
  return place * 0x20_0000 + (print & 0x1f_ffff);
}

function add(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
