/**
 * What accepted and rejected suggestions on this machine tell: the stop model's odds, moved to fit what this user takes.
 *
 * Two numbers, so that a few dozen suggestions are enough: odds' = slope · odds + shift (Platt 1999), held near
 * (1, 0) by a prior.
 */
import { chanceOf, newton } from '../decoding/doubt/logistic.js';

/** A shown suggestion that was accepted or, as far as one can tell, rejected. Holds no text. */
export interface Judgement {
  /** Logarithm of the odds that the stop model gave it. */
  readonly odds: number;
  readonly accepted: boolean;
}

export interface LocalOdds {
  readonly slope: number;
  readonly shift: number;
}

/** Fewer than this say nothing. */
export const LEAST_JUDGEMENTS = 20;
/** Older ones than so many are forgotten: models, habits and projects change. */
export const MOST_JUDGEMENTS = 1_000;
/** The prior counts like so many suggestions. */
const PRIOR = 10;

/** Undefined while there are too few. */
export function localOdds(judgements: readonly Judgement[]): LocalOdds | undefined {
  if (judgements.length < LEAST_JUDGEMENTS) return undefined;
  const [slope, shift] = newton(
    judgements.map(({ odds }) => [odds, 1]),
    judgements.map(({ accepted }) => accepted),
    [PRIOR, PRIOR / 4],
    [1, 0],
  );
  // A negative slope would trust the model the less the surer it is.
  return { slope: Math.max(0.1, slope!), shift: shift! };
}

/** The logarithm of the odds behind a chance, undoing what was learnt when it was made. */
export function oddsBehind(sure: number, local: LocalOdds | undefined): number {
  const odds = Math.log(sure / (1 - sure));
  return local ? (odds - local.shift) / local.slope : odds;
}

/** A paragraph or two for the user. */
export function describeJudgements(judgements: readonly Judgement[]): string {
  const accepted = judgements.filter((one) => one.accepted).length;
  const count = `${judgements.length} suggestions on this machine: ${accepted} accepted, ${judgements.length - accepted} rejected, as far as one can tell from what was typed.`;
  const local = localOdds(judgements);
  if (!local) return `${count} From ${LEAST_JUDGEMENTS} on they tell when to stop.`;
  const at = (chance: number): string =>
    `${Math.round(100 * chanceOf(local.slope * Math.log(chance / (1 - chance)) + local.shift))} %`;
  return `${count} What the model holds for 25 % sure counts as ${at(0.25)}, 50 % as ${at(0.5)}, 75 % as ${at(0.75)}.`;
}
