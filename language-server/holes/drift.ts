/**
 * Keeps the error near ε while people, code and habits change: adaptive conformal inference on the budget.
 *
 * After each suggestion that could be judged the budget moves: log B ← log B + η (ε - miss) (Gibbs and Candès,
 * "Adaptive Conformal Inference Under Distribution Shift", NeurIPS 2021, §2, with a quantile level in place of our
 * log B). At the lowest budget nothing is shown, so nothing can be wrong there, and whatever the sequence, after T
 * judged suggestions the share of misses is at most ε + (log B_max - log B_min + η) / (η T).
 *
 * That is all it can promise: nothing about any single suggestion, nothing about suggestions that nobody judged, and
 * nothing soon.
 *
 * In the product B_max is the calibrated budget, so that use only ever makes suggestions more careful. The promise of
 * the calibration then stands whatever use does: fixed-sequence testing has refuted the hypotheses of all stricter
 * budgets at once, and what is shown goes by one of them (`budgetInUse`).
 */
import { binomialUpperTail } from './binomial-bound.js';
import { budgets } from './calibrate.js';

export interface Drift {
  /** Nats; 0: nothing is shown until misses have been made up for. */
  readonly budget: number;
  /** The natural logarithm that moves; below `log lowest` the budget is 0. */
  readonly logBudget: number;
  /** The last judged suggestions, oldest first: whether what was shown was changed by the user. */
  readonly recent: readonly boolean[];
  readonly judged: number;
  readonly missed: number;
}

export interface DriftRules {
  readonly epsilon: number;
  /** η: how far one suggestion moves log B. */
  readonly rate: number;
  /** Nats between which the budget moves. */
  readonly lowest: number;
  readonly highest: number;
  /** How many judged suggestions the check looks back on. */
  readonly window: number;
}

/** The rules of a calibrated promise: no budget looser than its own. */
export function rulesFor({
  epsilon,
  budget,
}: {
  readonly epsilon: number;
  readonly budget: number;
}): DriftRules {
  return { ...usualRules, epsilon, highest: budget };
}

/** The loosest budget of the calibration that is no looser than the one learned; 0: nothing is shown. */
export function budgetInUse({ budget }: Drift): number {
  return budgets.findLast((one) => one <= budget * (1 + 1e-9)) ?? 0;
}

/** One miss in twenty at ε = .05 moves the budget by a tenth; the range is that of the calibrated budgets. */
export const usualRules: Omit<DriftRules, 'epsilon'> = {
  rate: 0.1,
  lowest: 2 ** -10,
  highest: 64,
  window: 200,
};

export function startDrift(budget: number, { lowest, highest }: DriftRules): Drift {
  const within = Math.min(highest, Math.max(lowest, budget));
  return { budget: within, logBudget: Math.log(within), recent: [], judged: 0, missed: 0 };
}

/** The state after one suggestion was judged. `missed`: something that was shown as sure did not stay. */
export function learn(drift: Drift, missed: boolean, rules: DriftRules): Drift {
  const moved = drift.logBudget + rules.rate * (rules.epsilon - (missed ? 1 : 0));
  const logBudget = Math.min(Math.log(rules.highest), moved);
  return {
    budget: logBudget < Math.log(rules.lowest) ? 0 : Math.exp(logBudget),
    logBudget,
    recent: [...drift.recent, missed].slice(-rules.window),
    judged: drift.judged + 1,
    missed: drift.missed + (missed ? 1 : 0),
  };
}

/** Whether the last suggestions refute "wrong at most ε of the time" at the 5 % level: time to calibrate again. */
export function hasDrifted({ recent }: Drift, { epsilon }: DriftRules): boolean {
  const misses = recent.filter(Boolean).length;
  return 0 < misses && binomialUpperTail(misses, recent.length, epsilon) <= 0.05;
}

/** The share of misses that the update cannot exceed after so many judged suggestions. */
export function longRunBound({ epsilon, rate, lowest, highest }: DriftRules, judged: number): number {
  return Math.min(1, epsilon + (Math.log(highest) - Math.log(lowest) + rate) / (rate * judged));
}
