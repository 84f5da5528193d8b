/** From measured places to named figures: what leaving early saves and costs, and what stopping is worth. */
import type { Figure, Figures, Measured } from '../benchmark.js';
import type { Cut } from '../cases.js';
import { integerBelow, randomFrom } from '../random.js';
import { differenceFigure, meanFigure, quantile } from '../statistics.js';
import type { CutResult, Wrote } from './measure-cut.js';

export type Places = readonly Measured<Cut, CutResult>[];

export const shares = [0.3, 0.5, 0.7];
const resamplings = 1_000;

export function figuresOf(places: Places, layers: number, seed: number): Figures {
  const figures: Record<string, Figure> = {
    layers_mean: over(places, seed, 'layers', (some) => {
      const exits = some.flatMap(({ result }) => result.early.exits);
      return exits.reduce((sum, exit) => sum + exit, 0) / exits.length;
    }),
    layers_total: { value: layers, unit: 'layers', n: places.length },
    decode_time_ratio: ratio(places, seed, ({ decodeMs, steps }) => [decodeMs, steps]),
    suggestion_time_ratio: ratio(places, seed, ({ writeMs, steps }) => [writeMs, steps]),
  };
  for (const language of new Set(places.map(({ of }) => of.file.language))) {
    const own = places.filter(({ of }) => of.file.language === language);
    const exact = (which: 'full' | 'early') =>
      meanFigure(
        own.map(({ of, result }) => ({ value: Number(result[which].exact), cluster: of.file.path })),
        '1',
        seed,
      );
    figures[`${language}.exact_full`] = exact('full');
    figures[`${language}.exact_exit`] = exact('early');
    figures[`${language}.exact_gain`] = differenceFigure(
      own.map(({ of, result: { full, early } }) => ({
        before: Number(full.exact),
        after: Number(early.exact),
        cluster: of.file.path,
      })),
      '1',
      seed,
    );
  }
  return { ...figures, ...stopFigures(places, seed) };
}

function stopFigures(places: Places, seed: number): Figures {
  const offered = places.filter(({ result }) => result.full.text !== '');
  const figures: Record<string, Figure> = {};
  for (const share of shares) {
    const name = `c${Math.round(100 * share)}`;
    figures[`stop.precision_${name}`] = over(offered, seed, '1', (some) => precisionAt(some, share, bySure));
    figures[`stop.precision_logprob_${name}`] = over(offered, seed, '1', (some) =>
      precisionAt(some, share, byLogProb),
    );
    figures[`stop.precision_over_logprob_${name}`] = over(
      offered,
      seed,
      '1',
      (some) => precisionAt(some, share, bySure) - precisionAt(some, share, byLogProb),
    );
  }
  const share = (some: Places, holds: (result: CutResult) => boolean): number =>
    some.filter(({ result }) => holds(result)).length / some.length;
  const stopped = places.filter(({ result }) => result.full.text !== '' && isStopped(result));
  const shown = places.filter(({ result }) => result.stopped.text !== '');
  return {
    ...figures,
    'stop.precision_all': over(offered, seed, '1', (some) => share(some, ({ full }) => full.right)),
    'stop.precision_first_line': over(offered, seed, '1', (some) =>
      share(some, ({ full }) => full.firstLineRight),
    ),
    'stop.level_shown': over(offered, seed, '1', (some) =>
      share(some, (result) => result.stopped.text !== ''),
    ),
    'stop.level_precision': over(shown, seed, '1', (some) => share(some, (result) => result.stopped.right)),
    'stop.level_precision_whole': over(
      shown.filter(({ result }) => !isStopped(result)),
      seed,
      '1',
      (some) => share(some, (result) => result.stopped.right),
    ),
    'stop.tokens_saved': over(
      offered,
      seed,
      '1',
      (some) => 1 - total(some, ({ stopped }) => stopped.steps) / total(some, ({ full }) => full.steps),
    ),
    'stop.stopped_were_wrong': over(stopped, seed, '1', (some) => share(some, ({ full }) => !full.right)),
  };
}

const bySure = ({ full }: CutResult): number => full.sure;
const byLogProb = ({ full }: CutResult): number => full.meanLogProb;

/** Whether doubt has changed what is offered. */
function isStopped({ full, stopped }: CutResult): boolean {
  return stopped.text !== full.text;
}

/** Of the surest `share` of suggestions, those that are right. */
export function precisionAt(places: Places, share: number, score: (result: CutResult) => number): number {
  const ordered = [...places].sort((a, b) => score(b.result) - score(a.result));
  const shown = ordered.slice(0, Math.max(1, Math.round(share * ordered.length)));
  return shown.filter(({ result }) => result.full.right).length / shown.length;
}

export const scores = { sure: bySure, logProb: byLogProb };

/** Time a step with the policy over that at full depth, so that texts of other lengths compare. */
function ratio(
  places: Places,
  seed: number,
  time: (wrote: Wrote) => readonly [ms: number, steps: number],
): Figure {
  const usable = places.filter(({ result: { full, early } }) => 0 < full.steps && 0 < early.steps);
  const perStep = (some: Places, which: 'full' | 'early'): number => {
    const times = some.map(({ result }) => time(result[which]));
    return times.reduce((sum, [ms]) => sum + ms, 0) / times.reduce((sum, [, steps]) => sum + steps, 0);
  };
  return over(usable, seed, '1', (some) => perStep(some, 'early') / perStep(some, 'full'));
}

/** Any statistic, with the percentile interval of the bootstrap over files. */
function over(places: Places, seed: number, unit: string, statistic: (some: Places) => number): Figure {
  const n = places.length;
  const value = statistic(places);
  const byFile = new Map<string, Measured<Cut, CutResult>[]>();
  for (const place of places)
    byFile.set(place.of.file.path, [...(byFile.get(place.of.file.path) ?? []), place]);
  const clusters = [...byFile.values()];
  if (clusters.length < 2) return { value, unit, n };
  const random = randomFrom(seed);
  const values = Array.from({ length: resamplings }, () =>
    statistic(clusters.flatMap(() => clusters[integerBelow(clusters.length, random)]!)),
  ).filter(Number.isFinite);
  return { value, unit, n, low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

function total(places: Places, of: (result: CutResult) => number): number {
  return places.reduce((sum, { result }) => sum + of(result), 0);
}
