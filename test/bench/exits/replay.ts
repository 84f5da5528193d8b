/**
 * What a rule of leaving early would have done, from one run at full depth that noted what every exit would say.
 *
 * Skipped layers are filled in exactly, so that up to the first token that is chosen otherwise every state is that of
 * full depth, but for the last bits: until then a replay is the rule's own run. From there on it knows nothing. A rule
 * that propagates runs otherwise as soon as a token goes deeper than one before it.
 */
import type { ExitSeen, StepSeen } from './recording.js';

/** Whether a token leaves at an exit before the last one. */
export type LeaveRule = (seen: ExitSeen) => boolean;

export interface Replay {
  /** Layers that each run takes, up to and with the first of which it is not certain that it chooses the same. */
  readonly exits: readonly number[];
  /** Whether it is certain that all of them choose the same. */
  readonly isSame: boolean;
  /** Whether some token goes deeper than one before it, and so sees skipped layers. */
  readonly seesSkipped: boolean;
}

/**
 * `isPlain` says of a step whether its likeliest token is chosen wherever that is the one that was chosen: not where
 * constraints refused some, by whose probabilities drafts may go back.
 */
export function replay(
  steps: readonly StepSeen[],
  leaves: LeaveRule,
  isPlain: (step: number) => boolean,
): Replay {
  const exits: number[] = [];
  let seesSkipped = false;
  for (const [index, step] of steps.entries()) {
    const last = step.exits.at(-1)!;
    const taken = step.exits.slice(0, -1).find(leaves) ?? last;
    seesSkipped ||= Math.min(...exits) < taken.exit;
    exits.push(taken.exit);
    if (taken === last) continue;
    // What was chosen went in next; what was chosen last, nowhere.
    const chosen = steps[index + 1]?.input ?? last.choice;
    if (taken.choice !== chosen || !isPlain(index)) return { exits, isSame: false, seesSkipped };
  }
  return { exits, isSame: true, seesSkipped };
}
