/** Saying nothing, with the reason: a value, never an error. */
import type { SilenceReason } from '../protocol.js';

export type { SilenceReason } from '../protocol.js';

export interface Silence {
  readonly reason: SilenceReason;
  /** A sentence for the user. */
  readonly detail: string;
}

export function silence(reason: SilenceReason, detail: string): Silence {
  return { reason, detail };
}

/** The answer to a request that nobody waits for any more. */
export const cancelled: Silence = {
  reason: 'cancelled',
  detail: 'The text changed, or a newer request came, before there was an answer.',
};

/** Reasons that stay true at the same place: asking the model again would only tell the same. */
const lasting: ReadonlySet<SilenceReason> = new Set([
  'in-comment',
  'in-string',
  'ended-at-once',
  'dead-end',
  'repeats',
  'unsure',
  'unfinished',
  'blank',
]);

export function isLasting({ reason }: Silence): boolean {
  return lasting.has(reason);
}
