/** A request that a worker has been given: until it is settled, or nobody waits for it any more. */
import type { EngineFailure, WriteOutcome, WriteRequest } from './write-request.js';

interface Asked {
  readonly id: number;
  readonly request: WriteRequest;
  readonly onProgress: ((text: string) => void) | undefined;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: EngineFailure) => void;
}

export interface Pending extends Asked {
  /** Aborts when nobody waits for answers to its questions: it is settled, or cancelled. */
  readonly unwanted: AbortController;
  readonly whenUnwanted: Promise<undefined>;
}

/** `cancel` is called when `signal` aborts while the request is pending, `settled` once, as it is resolved or rejected. */
export function pendingRequest(
  asked: Asked,
  signal: AbortSignal,
  cancel: () => void,
  settled: () => void,
): Pending {
  const unwanted = new AbortController();
  const whenUnwanted = new Promise<undefined>((leave) => {
    unwanted.signal.addEventListener('abort', () => {
      leave(undefined);
    });
  });
  const abort = (): void => {
    cancel();
    unwanted.abort();
  };
  const settle = (): void => {
    settled();
    signal.removeEventListener('abort', abort);
    unwanted.abort();
  };
  signal.addEventListener('abort', abort, { once: true });
  return {
    ...asked,
    unwanted,
    whenUnwanted,
    resolve(outcome) {
      settle();
      asked.resolve(outcome);
    },
    reject(error) {
      settle();
      asked.reject(error);
    },
  };
}

export function cancelled(): WriteOutcome {
  return {
    drafts: [],
    silence: { reason: 'cancelled', detail: 'The request was cancelled.' },
    cost: { promptTokens: 0, reusedTokens: 0, steps: 0, promptMs: 0, decodeMs: 0, totalMs: 0 },
    trace: [],
  };
}
