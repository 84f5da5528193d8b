/**
 * Ways of drawing texts that a constraint allows, from a model that does not know the constraint.
 *
 * The aim of all is the model's own distribution given that the text is allowed. They differ in how near they come
 * and how often they ask the model: rejection is exact and slow, plain constraining is quick and distorted, aligned
 * decoding and ASAp lie between.
 */
import type { TokenId } from '../../tokens/vocabulary.js';
import { keptTokens, type Kept } from './back-up.js';
import { FutureTrie } from './future-trie.js';

export interface Source {
  /** Probabilities of the next token, which sum to 1. A text is over when `end` is drawn. */
  next(sequence: readonly TokenId[]): readonly number[];
  readonly end: TokenId;
  /** Whether some completion of the sequence is allowed; with `end`, whether it is allowed itself. */
  allows(sequence: readonly TokenId[]): boolean;
  /** In [0, 1). */
  random(): number;
}

/** Draws texts one after another from one prompt; what it learns from one serves the next. */
export type Sampler = () => readonly TokenId[];

/** Draws freely and throws away what is not allowed. */
export function rejection(source: Source): Sampler {
  return () => {
    for (;;) {
      const sequence = grown(source, [], (free) => free);
      if (source.allows(sequence)) return sequence;
    }
  };
}

/** Draws each token among those that are allowed. */
export function constraining(source: Source): Sampler {
  return () =>
    grown(source, [], (free, sequence) =>
      free.map((probability, token) => (source.allows([...sequence, token]) ? probability : 0)),
    );
}

/** Draws each token by its probability times what is known of its futures (ASAp). */
export function expectedFutures(source: Source): Sampler {
  const trie = new FutureTrie();
  return () => {
    const path: number[] = [];
    return grown(source, [], (free, sequence) => {
      path.length = sequence.length;
      sequence.forEach((token, i) => (path[i] ??= source.next(sequence.slice(0, i))[token]!));
      free.forEach((probability, token) => {
        if (0 < probability && !source.allows([...sequence, token]))
          trie.forbid([...sequence, token], [...path, probability]);
      });
      return free.map((probability, token) => probability * trie.allowedAfter([...sequence, token]));
    });
  };
}

/** Draws freely; at a dead end goes back by AprAD's rule and draws on from there. */
export function approximatelyAligned(source: Source, exponent: number): Sampler {
  return () => {
    const trie = new FutureTrie();
    let sequence: readonly TokenId[] = [];
    for (;;) {
      sequence = untilForbidden(source, trie, sequence);
      if (source.allows(sequence)) return sequence;
      const free = sequence.map((_, i) => source.next(sequence.slice(0, i)));
      const known = () =>
        free.map((probabilities, i) => givenFutures(probabilities, sequence.slice(0, i), trie));
      const before = known();
      trie.forbid(
        sequence,
        sequence.map((token, i) => free[i]![token]!),
      );
      const now = known();
      const tokens = sequence.map((token, i): Kept => ({ before: before[i]![token]!, now: now[i]![token]! }));
      const kept = Math.min(
        keptTokens(tokens, exponent, () => source.random()),
        sequence.length - 1,
      );
      sequence = [...sequence.slice(0, kept), draw(now[kept]!, source)];
    }
  };
}

/** The distribution of the next token given all that is known to be forbidden. */
function givenFutures(
  free: readonly number[],
  sequence: readonly TokenId[],
  trie: FutureTrie,
): readonly number[] {
  return normalised(free.map((probability, token) => probability * trie.allowedAfter([...sequence, token])));
}

function untilForbidden(source: Source, trie: FutureTrie, from: readonly TokenId[]): readonly TokenId[] {
  let sequence = from;
  while (sequence.at(-1) !== source.end && source.allows(sequence)) {
    sequence = [...sequence, draw(givenFutures(source.next(sequence), sequence, trie), source)];
  }
  return sequence;
}

function grown(
  source: Source,
  from: readonly TokenId[],
  weigh: (free: readonly number[], sequence: readonly TokenId[]) => readonly number[],
): readonly TokenId[] {
  let sequence = from;
  while (sequence.at(-1) !== source.end)
    sequence = [...sequence, draw(weigh(source.next(sequence), sequence), source)];
  return sequence;
}

function draw(weights: readonly number[], source: Source): TokenId {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = source.random() * total;
  const drawn = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  if (drawn < 0) throw new Error('a token was drawn where nothing is allowed: check `allows` against `next`');
  return drawn;
}

function normalised(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
