/** Whether a server that ended by itself is started again: a few times, not for ever. */

/** Ends within `windowMs` of each other that we bear before we leave the server down. */
const bearable = 3;
const windowMs = 5 * 60 * 1000;

export interface RestartPolicy {
  /** Notes an end at `nowMs`, and says whether to start again and how many ends there have been of late. */
  ended(nowMs: number): { readonly restart: boolean; readonly ends: number };
  /** Forgets the past: the user has asked for a restart. */
  forget(): void;
}

export function createRestartPolicy(): RestartPolicy {
  let ends: readonly number[] = [];
  return {
    ended(nowMs) {
      ends = [...ends.filter((end) => nowMs - end < windowMs), nowMs];
      return { restart: ends.length <= bearable, ends: ends.length };
    },
    forget() {
      ends = [];
    },
  };
}
