/** Why there is nothing to offer, by how the one draft ended. */
import type { Draft } from './draft.js';
import type { WriteSilence } from './write-request.js';

export function silenceOf({ ending }: Draft): WriteSilence {
  if (ending === 'dead-end') {
    return { reason: 'dead-end', detail: 'Nothing that the model would write is allowed here.' };
  }
  if (ending === 'time') {
    return { reason: 'no-time', detail: 'The budget of time ran out before anything was complete.' };
  }
  if (ending === 'length') {
    return {
      reason: 'unfinished',
      detail: 'Nothing was complete when the suggestion had its greatest length (candor.maxTokens).',
    };
  }
  if (ending === 'uncertain') {
    return {
      reason: 'unsure',
      detail: 'The model was not sure enough of what it would write (candor.stop).',
    };
  }
  if (ending === 'repetition' || ending === 'suffix') {
    return { reason: 'repeats', detail: 'The model would only repeat itself, or what follows the cursor.' };
  }
  return { reason: 'ended-at-once', detail: 'The model would write nothing here.' };
}
