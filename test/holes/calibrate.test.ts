/** Whether calibration keeps its promise, on synthetic places where the truth is drawn, and its refusals. */
import { describe, expect, test } from 'vitest';
import { binomialCdf } from '../../language-server/holes/binomial-bound.js';
import { budgets, calibrate, type Outcome } from '../../language-server/holes/calibrate.js';
import { holePlaces } from '../../language-server/holes/hole-places.js';
import { judgePlace, silentPlace } from '../../language-server/holes/judge-place.js';
import { tradeOff } from '../../language-server/holes/trade-off.js';
import { randomFor, shuffled } from '../bench/random.js';
import { knownPlace } from '../support/known-place.js';

function outcomesOf(count: number, overconfidence: number, name: string): readonly Outcome[] {
  const random = randomFor(9, name);
  return Array.from({ length: count }, () => {
    const { tree, truth } = knownPlace(10, overconfidence, random);
    return judgePlace(tree, tradeOff(tree, holePlaces(tree, 'both'), 2), () => true, truth);
  });
}

describe('calibration', () => {
  test.each([
    [0.05, 1],
    [0.1, 1],
    [0.2, 1],
    [0.1, 3],
    [0.3, 3],
  ])('breaks its promise in at most δ of 200 samples: ε %d, overconfidence %d', (epsilon, overconfidence) => {
    const delta = 0.1;
    const outcomes = outcomesOf(6_000, overconfidence, `coverage ${epsilon} ${overconfidence}`);
    const random = randomFor(9, 'samples');
    const risks = budgets.map((_, i) => outcomes.filter(({ wrong }) => wrong[i]).length / outcomes.length);
    let broken = 0;
    let attained = 0;
    for (let sample = 0; sample < 200; sample++) {
      const found = calibrate(shuffled(outcomes, random).slice(0, 150), { epsilon, delta });
      if (found.kind !== 'budget') continue;
      attained++;
      if (epsilon < risks[found.index]!) broken++;
    }
    expect(attained).toBeGreaterThan(100);
    // More broken promises than chance allows at δ would be seen once in ten thousand runs of a right program.
    expect(1 - binomialCdf(broken - 1, 200, delta)).toBeGreaterThan(1e-4);
  });

  test('takes the loosest budget before the first one that is refuted by too many mistakes', () => {
    const wrong = (from: number): Outcome => ({
      wrong: budgets.map((_, i) => from <= i),
      kept: budgets.map((_, i) => i),
      ink: budgets.length,
    });
    const right = wrong(Infinity);
    const outcomes = [...Array.from({ length: 97 }, () => right), wrong(3), wrong(5), wrong(9)];
    // k(100, .05, .1) is 1: two mistakes are too many.
    expect(calibrate(outcomes, { epsilon: 0.05, delta: 0.1 })).toMatchObject({
      kind: 'budget',
      index: 4,
      mistakes: 1,
      places: 100,
    });
    expect(calibrate(outcomes, { epsilon: 0.1, delta: 0.1 })).toMatchObject({ index: budgets.length - 1 });
  });

  test('stops at the first budget with too many mistakes, even where a looser one has fewer', () => {
    const dip: Outcome = { wrong: budgets.map((_, i) => i === 5), kept: budgets.map(() => 1), ink: 1 };
    const right: Outcome = { ...dip, wrong: budgets.map(() => false) };
    const outcomes = [...Array.from({ length: 95 }, () => right), dip, dip, dip, dip, dip];
    expect(calibrate(outcomes, { epsilon: 0.05, delta: 0.1 })).toMatchObject({ kind: 'budget', index: 4 });
  });
});

describe('refusals', () => {
  const right: Outcome = { wrong: budgets.map(() => false), kept: budgets.map(() => 3), ink: 10 };

  test('too few places are refused with the number missing, none at all too', () => {
    const asked = { epsilon: 0.05, delta: 0.1 };
    expect(calibrate([], asked)).toEqual({ kind: 'too-few-places', places: 0, missing: 45 });
    expect(
      calibrate(
        Array.from({ length: 44 }, () => right),
        asked,
      ),
    ).toEqual({
      kind: 'too-few-places',
      places: 44,
      missing: 1,
    });
    expect(
      calibrate(
        Array.from({ length: 45 }, () => right),
        asked,
      ),
    ).toMatchObject({ kind: 'budget' });
  });

  test('a model that is always wrong attains nothing', () => {
    const hopeless: Outcome = { ...right, wrong: budgets.map(() => true) };
    const outcomes = Array.from({ length: 100 }, () => hopeless);
    expect(calibrate(outcomes, { epsilon: 0.2, delta: 0.1 })).toEqual({
      kind: 'not-attainable',
      places: 100,
    });
  });

  test('a promise over nothing shown is none', () => {
    const outcomes = Array.from({ length: 100 }, () => silentPlace);
    expect(calibrate(outcomes, { epsilon: 0.2, delta: 0.1 })).toEqual({
      kind: 'not-attainable',
      places: 100,
    });
  });
});
