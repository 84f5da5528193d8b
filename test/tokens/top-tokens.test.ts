/** The order of tokens, against sorting them all. */
import { describe, expect, test } from 'vitest';
import { logProbability, logSumExp } from '../../language-server/tokens/log-probabilities.js';
import { likeliestFirst, topTokens } from '../../language-server/tokens/top-tokens.js';
import { randomNumbers } from '../support/random-numbers.js';

function randomScores(seed: number, length: number, values: number): Float32Array {
  const random = randomNumbers(seed);
  return Float32Array.from({ length }, () => Math.floor(random() * values) - values / 2);
}

function sorted(scores: Float32Array): number[] {
  return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
}

describe('topTokens', () => {
  test.each([1, 2, 3, 4, 5])('agrees with a full sort, ties included (seed %i)', (seed) => {
    const scores = randomScores(seed, 5000, seed * 40);
    for (const count of [1, 2, 7, 64, 500, 5000]) {
      expect([...topTokens(scores, count)]).toEqual(sorted(scores).slice(0, count));
    }
  });

  test('all tokens come out, each once, in order', () => {
    const scores = randomScores(6, 3000, 50);
    expect([...likeliestFirst(scores)]).toEqual(sorted(scores));
  });

  test('scores of minus infinity come last', () => {
    const scores = Float32Array.of(-Infinity, 1, -Infinity, 3);
    expect([...likeliestFirst(scores)]).toEqual([3, 1, 0, 2]);
  });
});

test('log-probabilities sum to one, however large the logits are', () => {
  const logits = Float32Array.of(1000, 1001, 999, -1000);
  const sum = [0, 1, 2, 3].reduce((total, token) => total + Math.exp(logProbability(logits, token)), 0);
  expect(sum).toBeCloseTo(1, 10);
  expect(logSumExp(Float32Array.of(0, 0))).toBeCloseTo(Math.log(2), 10);
});
