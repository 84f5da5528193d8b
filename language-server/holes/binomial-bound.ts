/** How many mistakes a calibration may hold: exact tails of the binomial distribution, in logarithms. */

/** P(X <= k) for X ~ Binomial(n, p). Exact up to rounding for n up to millions; 0 < p < 1. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (n <= k) return 1;
  return Math.min(1, Math.exp(logCdf(k, n, p)));
}

/** P(X >= k): small values keep their precision, since they are summed from their own side. */
export function binomialUpperTail(k: number, n: number, p: number): number {
  return binomialCdf(n - k, n, 1 - p);
}

/**
 * k(n, ε, δ): the most mistakes among n calibration places with which an error rate above `epsilon` is refuted at
 * level `delta`, the largest k with P(Binomial(n, ε) <= k) <= δ; -1 when even no mistake proves nothing. (Khakhar,
 * Mell and Bastani 2023, §2, after Clopper and Pearson 1934.)
 */
export function allowedMistakes(n: number, epsilon: number, delta: number): number {
  let logTerm = n * Math.log1p(-epsilon);
  let logSum = logTerm;
  const odds = Math.log(epsilon) - Math.log1p(-epsilon);
  const limit = Math.log(delta);
  for (let k = 0; k < n; k++) {
    if (limit < logSum) return k - 1;
    logTerm += Math.log(n - k) - Math.log(k + 1) + odds;
    logSum = logAdd(logSum, logTerm);
  }
  return n - 1;
}

/** The fewest places with which the promise can be made at all: (1 - ε)^n <= δ. */
export function fewestPlaces(epsilon: number, delta: number): number {
  return Math.ceil(Math.log(delta) / Math.log1p(-epsilon) - 1e-9);
}

function logCdf(k: number, n: number, p: number): number {
  const odds = Math.log(p) - Math.log1p(-p);
  let logTerm = n * Math.log1p(-p);
  let logSum = logTerm;
  for (let i = 0; i < k; i++) {
    logTerm += Math.log(n - i) - Math.log(i + 1) + odds;
    logSum = logAdd(logSum, logTerm);
  }
  return logSum;
}

function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}
