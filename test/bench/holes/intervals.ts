/** How far text kept and coverage would move with other packages: percentile intervals of the bootstrap over packages. */
import type { Promised } from '../../../language-server/holes/calibrate.js';
import { integerBelow, randomFor } from '../random.js';
import { quantile } from '../statistics.js';
import { splitPlaces, tally, type GroupedOutcome, type Tally } from './splits.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Halves of each resampled set of packages; what is looked at are means over them. */
const HALVES = 10;

/** The outcomes of one way of making holes, at the same places as those of the others. */
export type Outcomes = readonly GroupedOutcome[];

/**
 * A function from ways of making holes to the 95 % interval of a statistic of their tallies. The same packages and
 * halves are drawn for all, so that ways are compared like with like.
 */
export function intervalsOver(places: Outcomes, seed: number, resamplings: number) {
  const packages = [...new Set(places.map(({ group }) => group))];
  const random = randomFor(seed, 'resampled packages');
  const draws = Array.from({ length: resamplings }, () => {
    const drawn = packages.map(() => packages[integerBelow(packages.length, random)]!);
    const indices = drawn.flatMap((name) =>
      places.flatMap(({ group }, index) => (group === name ? [index] : [])),
    );
    return Array.from({ length: HALVES }, () => {
      const order = splitPlaces(indices, random);
      return { calibration: order.calibration, test: order.test };
    });
  });
  return (
    ways: readonly Outcomes[],
    promised: Promised,
    statistic: (tallies: readonly Tally[]) => number,
  ): Interval | undefined => {
    const values = draws
      .map((halves) =>
        statistic(
          ways.map((outcomes) => {
            const of = (indices: readonly number[]) => indices.map((index) => outcomes[index]!);
            return tally(
              halves.map(({ calibration, test }) => ({ calibration: of(calibration), test: of(test) })),
              promised,
            );
          }),
        ),
      )
      .filter((value) => Number.isFinite(value));
    if (values.length < resamplings / 2) return undefined;
    return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
  };
}
