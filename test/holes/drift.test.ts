/** The update from use: near ε in the long run whatever comes, silent after many misses, and it says when it is off. */
import { describe, expect, test } from 'vitest';
import {
  hasDrifted,
  learn,
  longRunBound,
  startDrift,
  usualRules,
  type DriftRules,
} from '../../language-server/holes/drift.js';
import { randomFor, type Random } from '../bench/random.js';

const rules: DriftRules = { ...usualRules, epsilon: 0.1 };

/** A world in which a budget is wrong more often the looser it is, and not at all when nothing is shown. */
function misses(budget: number, harshness: number, random: Random): boolean {
  return random() < 1 - Math.exp(-harshness * budget);
}

describe('drift', () => {
  test.each([
    ['a steady world', () => 1],
    ['a world that turns harsh half way', (t: number) => (t < 2_000 ? 0.2 : 20)],
    ['a world that changes all the time', (t: number) => 1 + Math.sin(t / 50) * 0.99],
    ['a world in which all that is shown is wrong', () => Infinity],
  ])('keeps misses within its bound: %s', (_, harshness) => {
    const random = randomFor(9, 'drift');
    let drift = startDrift(1, rules);
    for (let t = 0; t < 4_000; t++) {
      const missed = 0 < drift.budget && misses(drift.budget, harshness(t), random);
      drift = learn(drift, missed, rules);
    }
    expect(drift.judged).toBe(4_000);
    expect(drift.missed / drift.judged).toBeLessThanOrEqual(longRunBound(rules, drift.judged));
  });

  test('comes near ε from both sides where the world allows it', () => {
    const random = randomFor(9, 'near');
    let drift = startDrift(64, rules);
    for (let t = 0; t < 20_000; t++) drift = learn(drift, misses(drift.budget, 1, random), rules);
    expect(Math.abs(drift.missed / drift.judged - 0.1)).toBeLessThan(0.01);
  });

  test('shows nothing after many misses in a row, and comes back', () => {
    let drift = startDrift(2 ** -9, rules);
    for (let t = 0; t < 20; t++) drift = learn(drift, true, rules);
    expect(drift.budget).toBe(0);
    for (let t = 0; t < 200; t++) drift = learn(drift, false, rules);
    expect(drift.budget).toBeGreaterThan(0);
  });

  test('says when the last suggestions refute the promise, and not before', () => {
    let drift = startDrift(1, rules);
    expect(hasDrifted(drift, rules)).toBe(false);
    for (let t = 0; t < 100; t++) drift = learn(drift, t % 10 === 0, rules);
    expect(hasDrifted(drift, rules)).toBe(false);
    for (let t = 0; t < 100; t++) drift = learn(drift, t % 3 === 0, rules);
    expect(hasDrifted(drift, rules)).toBe(true);
    for (let t = 0; t < 200; t++) drift = learn(drift, false, rules);
    expect(hasDrifted(drift, rules)).toBe(false);
    expect(drift.recent).toHaveLength(200);
  });
});
