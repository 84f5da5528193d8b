/** Exit policies: how deep the network is asked to think. */
import type { ExitPolicy } from './model.js';

/** The whole network, always. The reference that others are measured against. */
export const fullDepth: ExitPolicy = { watches: () => false, judge: () => 'continue' };

/** Speaks at `exit` whatever it says there: a depth cap, and the way to look at one exit's quality. */
export function cappedAt(exit: number): ExitPolicy {
  return { watches: (at) => at === exit, judge: () => 'exit' };
}
