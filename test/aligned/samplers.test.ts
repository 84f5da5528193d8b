/** Constrained sampling on languages so small that the model's distribution given the constraint can be enumerated. */
import { describe, expect, test } from 'vitest';
import { keptTokens } from '../../language-server/decoding/aligned/back-up.js';
import { FutureTrie } from '../../language-server/decoding/aligned/future-trie.js';
import {
  approximatelyAligned,
  constraining,
  expectedFutures,
  rejection,
  type Sampler,
  type Source,
} from '../../language-server/decoding/aligned/samplers.js';
import { randomFrom } from '../bench/random.js';

const END = 2;
const LENGTH = 5;

/** Bits of a fixed length; a text is over after the last. The model says 1 with the given probability, at first. */
function bits(words: ReadonlySet<string>, firstOne: number, seed: number): Source {
  return {
    end: END,
    random: randomFrom(seed),
    next(sequence) {
      if (sequence.length === LENGTH) return [0, 0, 1];
      return sequence.length === 0 ? [1 - firstOne, firstOne, 0] : [0.5, 0.5, 0];
    },
    allows(sequence) {
      const text = sequence.filter((token) => token !== END).join('');
      if (sequence.at(-1) === END) return words.has(text);
      return [...words].some((word) => word.startsWith(text));
    },
  };
}

const all = Array.from({ length: 2 ** LENGTH }, (_, i) => i.toString(2).padStart(LENGTH, '0'));
/** One word after 0, sixteen after 1: drawing tokens among the allowed makes the lone word far too likely. */
const lopsided = new Set(['00000', ...all.filter((word) => word.startsWith('1'))]);

function exact(words: ReadonlySet<string>, firstOne: number): ReadonlyMap<string, number> {
  const weight = (word: string) => (word.startsWith('1') ? firstOne : 1 - firstOne) / 2 ** (LENGTH - 1);
  const total = [...words].reduce((sum, word) => sum + weight(word), 0);
  return new Map([...words].map((word) => [word, weight(word) / total]));
}

/** KL divergence of what was drawn from what should be, in nats. */
function divergence(
  sampler: Sampler,
  target: ReadonlyMap<string, number>,
  samples: number,
  warm = 0,
): number {
  const counts = new Map<string, number>();
  for (let i = 0; i < warm + samples; i++) {
    const word = sampler().slice(0, LENGTH).join('');
    expect(target.has(word), word).toBe(true);
    if (warm <= i) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].reduce((sum, [word, count]) => {
    const share = count / samples;
    return sum + share * Math.log(share / target.get(word)!);
  }, 0);
}

describe('a lone word against sixteen', () => {
  const target = exact(lopsided, 0.5);
  const source = (seed: number) => bits(lopsided, 0.5, seed);
  const SAMPLES = 4_000;
  const plain = divergence(constraining(source(1)), target, SAMPLES);

  test('plain constraining is far off', () => {
    expect(plain).toBeGreaterThan(0.4);
  });

  test('rejection is exact', () => {
    expect(divergence(rejection(source(2)), target, SAMPLES)).toBeLessThan(0.01);
  });

  test('ASAp learns from its own samples', () => {
    expect(divergence(expectedFutures(source(3)), target, SAMPLES, 50)).toBeLessThan(0.01);
  });

  test('aligned decoding with exponent 1 is far nearer than plain constraining', () => {
    expect(divergence(approximatelyAligned(source(4), 1), target, SAMPLES)).toBeLessThan(plain / 2);
  });

  test('the larger the exponent the nearer; infinite is exact', () => {
    const twice = divergence(approximatelyAligned(source(6), 2), target, SAMPLES);
    expect(twice).toBeLessThan(plain / 5);
    expect(divergence(approximatelyAligned(source(7), Infinity), target, SAMPLES)).toBeLessThan(0.01);
  });

  test('aligned decoding with exponent 0 is plain constraining', () => {
    expect(divergence(approximatelyAligned(source(5), 0), target, SAMPLES)).toBeGreaterThan(plain * 0.8);
  });
});

test('the trie knows how much of the future is left', () => {
  const trie = new FutureTrie();
  expect(trie.allowedAfter([0])).toBe(1);
  trie.forbid([0, 1], [0.5, 0.25]);
  expect(trie.allowedAfter([0])).toBeCloseTo(0.75);
  expect(trie.allowedAfter([])).toBeCloseTo(0.875);
  expect(trie.allowedAfter([0, 1, 1])).toBe(0);
  trie.forbid([0], [0.5]);
  expect(trie.allowedAfter([])).toBeCloseTo(0.5);
});

test('going back keeps what did not change, and never the forbidden token', () => {
  const tokens = [
    { before: 0.5, now: 0.5 },
    { before: 0.5, now: 0.25 },
    { before: 0.5, now: 0 },
  ];
  expect(keptTokens(tokens, 1, () => 0.4)).toBe(2);
  expect(keptTokens(tokens, 1, () => 0.6)).toBe(1);
  expect(keptTokens(tokens, 0, () => 0.99)).toBe(2);
  expect(keptTokens(tokens, Infinity, () => 0)).toBe(1);
});
