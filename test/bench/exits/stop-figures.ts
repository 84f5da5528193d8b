/** From measured places to named figures: what stopping on uncertainty is worth. */
import { orderOf } from '../../../language-server/completion/fit-stop.js';
import type { Figure, Figures } from '../benchmark.js';
import type { CutResult } from './measure-cut.js';
import { over, total, type Places } from './over-places.js';

export const shares = [0.3, 0.5, 0.7];

/** How sure one is of a suggestion, and whether it is right: the stop model, and what it is held against. */
export interface Ranking {
  readonly name: string;
  readonly score: (result: CutResult) => number;
  readonly isRight: (result: CutResult) => boolean;
}

const bySure: Ranking = {
  name: 'stop model',
  score: ({ full }) => full.sure,
  isRight: ({ full }) => full.right,
};
const byLogProb: Ranking = {
  name: 'mean log-probability',
  score: ({ full }) => full.meanLogProb,
  isRight: ({ full }) => full.right,
};
const byFirstLine: Ranking = {
  name: 'first line only, by its mean log-probability',
  score: ({ full }) => full.firstLineMeanLogProb,
  isRight: ({ full }) => full.firstLineRight,
};
export const rankings = [bySure, byLogProb, byFirstLine];

/** Of the surest `share` of suggestions, those that are right. */
export function precisionAt(places: Places, share: number, { score, isRight }: Ranking): number {
  const ordered = [...places].sort((a, b) => score(b.result) - score(a.result));
  const shown = ordered.slice(0, Math.max(1, Math.round(share * ordered.length)));
  return shown.filter(({ result }) => isRight(result)).length / shown.length;
}

export function offeredOf(places: Places): Places {
  return places.filter(({ result }) => result.full.text !== '');
}

export function stopFigures(places: Places, seed: number): Figures {
  const offered = offeredOf(places);
  const figures: Record<string, Figure> = {};
  const precision = (share: number, ranking: Ranking, less?: Ranking): Figure =>
    over(
      offered,
      seed,
      '1',
      (some) => precisionAt(some, share, ranking) - (less ? precisionAt(some, share, less) : 0),
    );
  for (const share of shares) {
    const name = `c${Math.round(100 * share)}`;
    figures[`stop.precision_${name}`] = precision(share, bySure);
    figures[`stop.precision_logprob_${name}`] = precision(share, byLogProb);
    figures[`stop.precision_first_line_${name}`] = precision(share, byFirstLine);
    figures[`stop.precision_over_logprob_${name}`] = precision(share, bySure, byLogProb);
  }
  const share = (some: Places, holds: (result: CutResult) => boolean): number =>
    some.filter(({ result }) => holds(result)).length / some.length;
  const stopped = offered.filter(({ result }) => isStopped(result));
  const shown = places.filter(({ result }) => result.stopped.text !== '');
  const of = (some: Places, holds: (result: CutResult) => boolean): Figure =>
    over(some, seed, '1', (drawn) => share(drawn, holds));
  return {
    ...figures,
    'stop.precision_all': of(offered, ({ full }) => full.right),
    'stop.precision_first_line': of(offered, ({ full }) => full.firstLineRight),
    'stop.level_shown': of(offered, (result) => result.stopped.text !== ''),
    'stop.level_precision': of(shown, (result) => result.stopped.right),
    'stop.level_precision_whole': of(
      shown.filter(({ result }) => !isStopped(result)),
      (result) => result.stopped.right,
    ),
    // How often, of a right and a wrong suggestion, the right one is the surer.
    'stop.order': {
      value: orderOf(offered.map(({ result: { full } }) => ({ chance: full.sure, right: full.right }))),
      unit: '1',
      n: offered.length,
    },
    'stop.tokens_saved': over(
      offered,
      seed,
      '1',
      (some) => 1 - total(some, ({ tokens }) => tokens.stopped) / total(some, ({ tokens }) => tokens.full),
    ),
    'stop.stopped_were_wrong': of(stopped, ({ full }) => !full.right),
  };
}

/** Whether doubt has changed what is offered. */
function isStopped({ full, stopped }: CutResult): boolean {
  return stopped.text !== full.text;
}
