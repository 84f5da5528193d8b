/** The rules of leaving early that are compared: the controller at several thresholds, and the baselines. */
import type { ExitChoice } from '../../../language-server/inference/exit-policies.js';
import type { LeaveRule } from './replay.js';

export interface ComparedRule {
  /** Prefix of its figures. */
  readonly name: string;
  readonly choice: ExitChoice;
  readonly leaves: LeaveRule;
  /** Where a replay is not certain, the rule is run; else only what it does until then counts. */
  readonly isRun: boolean;
  /** Only at places that are timed. */
  readonly isTimedOnly: boolean;
}

/** Prefix of the rule that `--exits` names. */
export const CHOSEN = 'exits';

export const thresholds = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
/** Propagating has to run at most places, which takes long. */
export const propagatedAt = [0.3, 0.5, 0.7, 0.9];
export const entropies = [0.05, 0.2, 0.5, 1];
export const margins = [0.6, 0.8, 0.9, 0.97];

export function rulesFor(chosen: ExitChoice): readonly ComparedRule[] {
  return [
    { ...ruleOf(CHOSEN, chosen), isRun: true },
    ...thresholds.map((at) => ({
      ...ruleOf(`controller_${at}`, { rule: 'controller', at }),
      isRun: true,
    })),
    ...propagatedAt.map((at) => ({
      ...ruleOf(`propagated_${at}`, { rule: 'controller', at, skipped: 'propagated' }),
      ...{ isRun: true, isTimedOnly: true },
    })),
    ...entropies.map((at) => ruleOf(`entropy_${at}`, { rule: 'entropy', at })),
    ...margins.map((at) => ruleOf(`margin_${at}`, { rule: 'margin', at })),
  ];
}

/** @throws Error for a policy that cannot be replayed. */
function ruleOf(name: string, choice: ExitChoice): ComparedRule {
  return { name, choice, leaves: leavesBy(choice), isRun: false, isTimedOnly: false };
}

function leavesBy({ rule, at, stopAt }: ExitChoice): LeaveRule {
  if (at === undefined || stopAt !== undefined)
    throw new Error(
      '--exits needs a threshold here, and none for stopping: controller:P, entropy:NATS or margin:P.',
    );
  switch (rule) {
    case 'controller':
      return ({ leave }) => at <= leave;
    case 'entropy':
      return ({ entropy }) => entropy <= at;
    case 'margin':
      return ({ margin }) => at <= margin;
    case 'full':
    case 'recommended':
      throw new Error('--exits needs a rule that leaves early.');
  }
}
