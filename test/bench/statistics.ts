/** Quantiles, means and their 95 % intervals. Intervals resample whole clusters (files, packages), not cases. */
import { integerBelow, randomFrom } from './random.js';
import type { Figure } from './benchmark.js';

/** A value and the file or package it came from. With `count`, the value is a sum over that many cases. */
export interface Sample {
  readonly value: number;
  readonly cluster: string;
  readonly count?: number;
}

/** Enough that the ends of the interval move by less than 1 % of its width from seed to seed. */
const resamplings = 2_000;

/** The `share` quantile by linear interpolation between order statistics; NaN for no values. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const ordered = [...values].sort((a, b) => a - b);
  const place = (ordered.length - 1) * share;
  const below = Math.floor(place);
  const low = ordered[below]!;
  const high = ordered[Math.min(below + 1, ordered.length - 1)]!;
  return low + (high - low) * (place - below);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean of the samples as a figure, with a percentile interval of the bootstrap over clusters. */
export function meanFigure(samples: readonly Sample[], unit: string, seed: number): Figure {
  return figureOver(samples, unit, seed, (sum, count) => sum / count);
}

/** Perplexity: exp of the mean negative logarithm a token. A sample is -log p of `count` tokens. */
export function perplexityFigure(samples: readonly Sample[], seed: number): Figure {
  return figureOver(samples, '1', seed, (sum, count) => Math.exp(sum / count));
}

/** The mean of after − before over pairs of the same case: above zero is a gain. */
export function differenceFigure(
  pairs: readonly { readonly before: number; readonly after: number; readonly cluster: string }[],
  unit: string,
  seed: number,
): Figure {
  return meanFigure(
    pairs.map(({ before, after, cluster }) => ({ value: after - before, cluster })),
    unit,
    seed,
  );
}

/** The sum of `above` over the sum of `below`, with a percentile interval of the bootstrap over clusters. */
export function ratioFigure(
  pairs: readonly { readonly above: number; readonly below: number; readonly cluster: string }[],
  unit: string,
  seed: number,
): Figure {
  const ratioOf = (some: typeof pairs): number =>
    some.reduce((sum, { above }) => sum + above, 0) / some.reduce((sum, { below }) => sum + below, 0);
  const clusters = clustersOf(pairs, ({ cluster }) => cluster);
  const figure = { value: ratioOf(pairs), unit, n: pairs.length };
  if (clusters.length < 2) return figure;
  const random = randomFrom(seed);
  const resampled = Array.from({ length: resamplings }, () =>
    ratioOf(clusters.flatMap(() => clusters[integerBelow(clusters.length, random)]!)),
  );
  return { ...figure, low: quantile(resampled, 0.025), high: quantile(resampled, 0.975) };
}

/** A quantile as a figure, without an interval. */
export function quantileFigure(values: readonly number[], share: number, unit: string): Figure {
  return { value: quantile(values, share), unit, n: values.length };
}

/** The median of the values with the interval of the bootstrap over the values themselves. */
export function medianFigure(values: readonly number[], unit: string, seed: number): Figure {
  if (values.length < 2) return { value: median(values), unit, n: values.length };
  const random = randomFrom(seed);
  const medians = Array.from({ length: resamplings }, () =>
    median(Array.from(values, () => values[integerBelow(values.length, random)]!)),
  );
  return {
    value: median(values),
    unit,
    n: values.length,
    low: quantile(medians, 0.025),
    high: quantile(medians, 0.975),
  };
}

/** A statistic that depends on the sum and the number of samples, which makes resampling clusters cheap. */
function figureOver(
  samples: readonly Sample[],
  unit: string,
  seed: number,
  statistic: (sum: number, count: number) => number,
): Figure {
  const clusters = [...totals(samples).values()];
  const n = clusters.reduce((count, cluster) => count + cluster.count, 0);
  const value = statistic(
    clusters.reduce((sum, cluster) => sum + cluster.sum, 0),
    n,
  );
  if (clusters.length < 2) return { value, unit, n };
  const random = randomFrom(seed);
  const size = clusters.length;
  const resampled = Array.from({ length: resamplings }, () => {
    let sum = 0;
    let count = 0;
    for (let drawn = 0; drawn < size; drawn++) {
      const chosen = clusters[integerBelow(clusters.length, random)]!;
      sum += chosen.sum;
      count += chosen.count;
    }
    return statistic(sum, count);
  });
  return {
    value,
    unit,
    n,
    low: quantile(resampled, 0.025),
    high: quantile(resampled, 0.975),
  };
}

/** The cases by the file or package that they came from. */
export function clustersOf<Case>(
  cases: readonly Case[],
  clusterOf: (one: Case) => string,
): readonly (readonly Case[])[] {
  const clusters = new Map<string, Case[]>();
  for (const one of cases) {
    const cluster = clusterOf(one);
    const known = clusters.get(cluster);
    if (known) known.push(one);
    else clusters.set(cluster, [one]);
  }
  return [...clusters.values()];
}

function totals(samples: readonly Sample[]): Map<string, { sum: number; count: number }> {
  const byCluster = new Map<string, { sum: number; count: number }>();
  for (const { value, cluster, count = 1 } of samples) {
    const total = byCluster.get(cluster) ?? { sum: 0, count: 0 };
    byCluster.set(cluster, { sum: total.sum + value, count: total.count + count });
  }
  return byCluster;
}
