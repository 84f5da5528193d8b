/** Any statistic over measured places, with the percentile interval of the bootstrap over files. */
import type { Figure, Measured } from '../benchmark.js';
import type { Cut } from '../cases.js';
import { integerBelow, randomFrom } from '../random.js';
import { clustersOf, quantile } from '../statistics.js';
import type { CutResult } from './measure-cut.js';

export type Place = Measured<Cut, CutResult>;
export type Places = readonly Place[];

const resamplings = 1_000;

export function over(
  places: Places,
  seed: number,
  unit: string,
  statistic: (some: Places) => number,
): Figure {
  const n = places.length;
  const value = statistic(places);
  const clusters = clustersOf(places, ({ of }) => of.file.path);
  if (clusters.length < 2) return { value, unit, n };
  const random = randomFrom(seed);
  const values = Array.from({ length: resamplings }, () =>
    statistic(clusters.flatMap(() => clusters[integerBelow(clusters.length, random)]!)),
  ).filter(Number.isFinite);
  return { value, unit, n, low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

export function total(places: Places, of: (result: CutResult) => number): number {
  return places.reduce((sum, { result }) => sum + of(result), 0);
}
