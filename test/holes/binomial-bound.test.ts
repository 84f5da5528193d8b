/** The bound against published values and against the definition, summed with whole numbers. */
import { describe, expect, test } from 'vitest';
import {
  allowedMistakes,
  binomialCdf,
  binomialUpperTail,
  fewestPlaces,
} from '../../language-server/holes/binomial-bound.js';

describe('allowed mistakes', () => {
  test.each([
    [0.05, 100, 1],
    [0.05, 200, 5],
    [0.05, 500, 18],
    [0.05, 1000, 40],
    [0.1, 50, 1],
    [0.1, 100, 5],
    [0.1, 200, 14],
    [0.1, 500, 40],
    [0.1, 1000, 87],
    [0.2, 25, 2],
    [0.2, 50, 5],
    [0.2, 100, 14],
    [0.2, 200, 32],
    [0.2, 500, 88],
    [0.3, 50, 10],
    [0.3, 100, 23],
    [0.3, 200, 51],
  ])('ε %d, n %d, δ .1: %d', (epsilon, n, k) => {
    expect(allowedMistakes(n, epsilon, 0.1)).toBe(k);
  });

  test.each([
    [0.05, 0.1, 45],
    [0.1, 0.1, 22],
    [0.2, 0.1, 11],
    [0.05, 0.05, 59],
    [0.1, 0.05, 29],
    [0.2, 0.05, 14],
  ])('ε %d, δ %d: at least %d places', (epsilon, delta, n) => {
    expect(fewestPlaces(epsilon, delta)).toBe(n);
    expect(allowedMistakes(n, epsilon, delta)).toBe(0);
    expect(allowedMistakes(n - 1, epsilon, delta)).toBe(-1);
  });

  test('is the largest k whose tail is small enough, for every n up to 300', () => {
    for (let n = 1; n <= 300; n++) {
      for (const epsilon of [0.05, 0.13, 0.3, 0.5]) {
        const k = allowedMistakes(n, epsilon, 0.1);
        expect(exactCdf(k, n, epsilon)).toBeLessThanOrEqual(0.1 + 1e-12);
        expect(exactCdf(k + 1, n, epsilon)).toBeGreaterThan(0.1 - 1e-12);
      }
    }
  });

  test('does not lose its footing at a million places', () => {
    const k = allowedMistakes(1_000_000, 0.1, 0.1);
    // The normal approximation with continuity: nε - 1.2816 √(nε(1-ε)) - 0.5.
    expect(Math.abs(k - (100_000 - 1.2816 * 300 - 0.5))).toBeLessThan(5);
  });
});

describe('tails', () => {
  test('agree with sums of whole binomial coefficients', () => {
    for (const n of [1, 7, 40, 200]) {
      for (const p of [0.05, 0.3, 0.9]) {
        for (let k = -1; k <= n; k++) {
          expect(binomialCdf(k, n, p)).toBeCloseTo(exactCdf(k, n, p), 10);
          expect(binomialUpperTail(k + 1, n, p)).toBeCloseTo(1 - exactCdf(k, n, p), 10);
        }
      }
    }
  });

  test('are exact at the edges', () => {
    expect(binomialCdf(-1, 10, 0.5)).toBe(0);
    expect(binomialCdf(10, 10, 0.5)).toBe(1);
    expect(binomialUpperTail(0, 10, 0.5)).toBe(1);
    expect(binomialUpperTail(11, 10, 0.5)).toBe(0);
    expect(binomialUpperTail(200, 200, 0.05)).toBeCloseTo(0.05 ** 200, 270);
  });
});

function exactCdf(k: number, n: number, p: number): number {
  let sum = 0;
  let ways = 1n;
  for (let i = 0; i <= k && i <= n; i++) {
    // The logarithm of a whole number of any length, by its leading digits.
    const digits = ways.toString();
    const log = Math.log(Number(`0.${digits.slice(0, 17)}`)) + digits.length * Math.LN10;
    sum += Math.exp(log + i * Math.log(p) + (n - i) * Math.log1p(-p));
    ways = (ways * BigInt(n - i)) / BigInt(i + 1);
  }
  return sum;
}
