/**
 * From places with known truth to a budget that keeps a promise.
 *
 * Each candidate budget is a hypothesis "what it shows is wrong more often than ε". Optimal sets for different budgets
 * need not be nested (a looser budget can move a hole), nor are they with mirrors, so mistakes need not grow with the
 * budget, and the paper's choice of the loosest budget with few enough mistakes would test many hypotheses at once.
 * We test in a fixed order instead, from the strictest budget to the loosest, and stop at the first that the data do
 * not refute: with probability 1 - δ over the places no true hypothesis is refuted, whatever the sets look like
 * (fixed-sequence testing; Angelopoulos, Bates, Candès, Jordan and Lei, "Learn then Test", 2021, §3; the p-value is
 * the binomial tail). For nested sets both rules choose the same budget.
 */
import { allowedMistakes, fewestPlaces } from './binomial-bound.js';

/** The promise: with probability 1 - `delta` over the places, shown text is wrong at most `epsilon` of the time. */
export interface Promised {
  readonly epsilon: number;
  readonly delta: number;
}

/** What one place says about each budget of `budgets`, in their order. */
export interface Outcome {
  /** Whether the partial program shown at this budget does not contain the truth. */
  readonly wrong: readonly boolean[];
  /** Visible characters kept, and those of the whole draft. */
  readonly kept: readonly number[];
  readonly ink: number;
}

export type Calibrated =
  | {
      readonly kind: 'budget';
      /** Nats. */
      readonly budget: number;
      /** Place of the budget in `budgets`. */
      readonly index: number;
      readonly mistakes: number;
      readonly places: number;
      /** Share of visible characters kept over all places. */
      readonly kept: number;
    }
  | { readonly kind: 'too-few-places'; readonly places: number; readonly missing: number }
  /** No budget both keeps the promise and keeps text: the promise would be an empty one. */
  | { readonly kind: 'not-attainable'; readonly places: number };

/**
 * The budgets that are tried, in nats, from strict to loose: fixed before any data are seen, as the proof needs. The
 * spacing is a third of a power of two; below the first a draft is shown only when the model is all but certain.
 */
export const budgets: readonly number[] = Array.from({ length: 48 }, (_, i) => 2 ** (-10 + i / 3));

/** Text kept below this share is nothing worth a promise. */
const LEAST_KEPT = 0.01;

export function calibrate(outcomes: readonly Outcome[], { epsilon, delta }: Promised): Calibrated {
  const places = outcomes.length;
  const missing = fewestPlaces(epsilon, delta) - places;
  if (0 < missing) return { kind: 'too-few-places', places, missing };
  const allowed = allowedMistakes(places, epsilon, delta);
  const mistakes = budgets.map((_, i) => outcomes.filter(({ wrong }) => wrong[i]).length);
  const stop = mistakes.findIndex((count) => allowed < count);
  const index = (stop < 0 ? budgets.length : stop) - 1;
  const kept = index < 0 ? 0 : keptShare(outcomes, index);
  if (kept < LEAST_KEPT) return { kind: 'not-attainable', places };
  return { kind: 'budget', budget: budgets[index]!, index, mistakes: mistakes[index]!, places, kept };
}

/** Visible characters kept at a budget, as a share of all that was drafted; 0 when nothing was drafted. */
export function keptShare(outcomes: readonly Outcome[], index: number): number {
  const ink = outcomes.reduce((sum, outcome) => sum + outcome.ink, 0);
  const kept = outcomes.reduce((sum, outcome) => sum + outcome.kept[index]!, 0);
  return ink === 0 ? 0 : kept / ink;
}
