/** Quantiles, intervals and similarity on values that can be checked by hand. */
import { describe, expect, test } from 'vitest';
import { randomFor, shuffled } from './random.js';
import { similarity } from './similarity.js';
import {
  differenceFigure,
  mean,
  meanFigure,
  medianFigure,
  perplexityFigure,
  quantile,
} from './statistics.js';

describe('quantile', () => {
  test('interpolates between order statistics', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5, 12);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('intervals', () => {
  test('hold the mean of the population in about 95 of 100 samples', () => {
    const population = { mean: 0.5, spread: 1 };
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const random = randomFor(trial, 'population');
      const samples = Array.from({ length: 60 }, (_, index) => ({
        value: population.mean + population.spread * (random() - 0.5),
        cluster: `file ${index}`,
      }));
      const figure = meanFigure(samples, '1', trial);
      if (figure.low! <= population.mean && population.mean <= figure.high!) held++;
    }
    expect(held).toBeGreaterThanOrEqual(180);
    expect(held).toBeLessThanOrEqual(199);
  });

  test('are wider when cases come in clusters that agree', () => {
    const values = Array.from({ length: 100 }, (_, index) => (index < 50 ? 0 : 1));
    const apart = meanFigure(
      values.map((value, index) => ({ value, cluster: `${index}` })),
      '1',
      1,
    );
    const together = meanFigure(
      values.map((value, index) => ({ value, cluster: `${Math.floor(index / 10)}` })),
      '1',
      1,
    );
    expect(apart.value).toBe(0.5);
    expect(together.value).toBe(0.5);
    expect(together.high! - together.low!).toBeGreaterThan(2 * (apart.high! - apart.low!));
  });

  test('are the same for the same seed, and absent for a single cluster', () => {
    const samples = [1, 2, 3, 4].map((value) => ({ value, cluster: `${value}` }));
    expect(meanFigure(samples, 'ms', 5)).toEqual(meanFigure(samples, 'ms', 5));
    expect(meanFigure([{ value: 3, cluster: 'only' }], 'ms', 5)).toEqual({ value: 3, unit: 'ms', n: 1 });
  });

  test('of a paired difference ignore what both sides share', () => {
    const pairs = Array.from({ length: 40 }, (_, index) => ({
      before: index * 100,
      after: index * 100 + 1 + (index % 2),
      cluster: `${index}`,
    }));
    const figure = differenceFigure(pairs, '1', 3);
    expect(figure.value).toBe(1.5);
    expect(figure.low).toBeGreaterThan(1.2);
    expect(figure.high).toBeLessThan(1.8);
  });

  test('perplexity weighs tokens, not files', () => {
    const figure = perplexityFigure(
      [
        { value: 3 * Math.log(2), count: 3, cluster: 'long' },
        { value: Math.log(32), count: 1, cluster: 'short' },
      ],
      1,
    );
    expect(figure.value).toBeCloseTo(4, 12);
    expect(figure.n).toBe(4);
  });

  test('medianFigure brackets its median', () => {
    const figure = medianFigure([5, 1, 4, 2, 3], 'ms', 1);
    expect(figure.value).toBe(3);
    expect(figure.low).toBeLessThanOrEqual(3);
    expect(figure.high).toBeGreaterThanOrEqual(3);
  });
});

describe('chance', () => {
  test('is fixed by seed and name', () => {
    const draw = (seed: number, name: string): readonly number[] => {
      const random = randomFor(seed, name);
      return [random(), random(), random()];
    };
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  });

  test('is even: the mean of many draws is near a half', () => {
    const random = randomFor(9, 'even');
    expect(mean(Array.from({ length: 10_000 }, random))).toBeCloseTo(0.5, 1);
  });

  test('shuffling keeps every item', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const order = shuffled(items, randomFor(1, 'order'));
    expect(order).not.toEqual(items);
    expect([...order].sort((a, b) => a - b)).toEqual(items);
  });
});

describe('similarity', () => {
  test.each([
    ['abc', 'abc', 1],
    ['  abc ', 'abc', 1],
    ['', '', 1],
    ['abc', '', 0],
    ['kitten', 'sitting', 1 - 3 / 7],
    ['aé😀', 'aé', 1 - 1 / 3],
  ])('%j and %j', (one, other, expected) => {
    expect(similarity(one, other)).toBeCloseTo(expected, 12);
    expect(similarity(other, one)).toBeCloseTo(expected, 12);
  });
});
