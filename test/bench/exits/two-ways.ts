/** Two ways of writing the same tokens, beside each other: whether they do, and what the second one saves. */
import type { Figures, Measured } from '../benchmark.js';
import type { Cut } from '../cases.js';
import type { Spent } from '../spent.js';
import { meanFigure, ratioFigure } from '../statistics.js';

export interface TwoWays {
  readonly plain: Spent;
  readonly speculative: Spent;
  readonly identical: boolean;
}

/** Figures whose names begin with `prefix`. */
export function twoWaysFigures(
  prefix: string,
  places: readonly Measured<Cut, TwoWays>[],
  seed: number,
): Figures {
  const clusters = places.map(({ of, result }) => ({ ...result, cluster: of.file.path }));
  const ratio = (what: keyof Spent) =>
    ratioFigure(
      clusters.map(({ plain, speculative, cluster }) => ({
        above: speculative[what],
        below: plain[what],
        cluster,
      })),
      '1',
      seed,
    );
  return {
    [`${prefix}.identical`]: meanFigure(
      clusters.map(({ identical, cluster }) => ({ value: Number(identical), cluster })),
      '1',
      seed,
    ),
    [`${prefix}.time_ratio`]: ratio('ms'),
    [`${prefix}.cpu_ratio`]: ratio('cpuMs'),
  };
}
