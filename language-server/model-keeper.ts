/** The thread that keeps the user's models: started when first asked for, and let go when it has nothing to do. */
import { Worker } from 'node:worker_threads';
import type { ModelKeeper } from './lsp/models.js';
import { disableRuntimeTelemetry } from './inference/no-telemetry.js';
import type { FromModels, ToModels } from './protocol.js';

type Asked = ToModels extends infer Each ? (Each extends { id: number } ? Omit<Each, 'id'> : never) : never;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly heard: (progress: { share: number; text: string }) => void;
}

/** `file` is the built thread. */
export function keepModels(file: URL): ModelKeeper {
  let worker: Worker | undefined;
  let ids = 0;
  const waiting = new Map<number, Waiting>();

  const start = (): Worker => {
    disableRuntimeTelemetry();
    const started = new Worker(file);
    started.on('message', (message: FromModels) => {
      const asked = waiting.get(message.id);
      if (message.kind === 'progress') {
        asked?.heard(message);
        return;
      }
      waiting.delete(message.id);
      if (message.kind === 'done') asked?.resolve(message.result);
      else asked?.reject(new Error(message.message));
      if (waiting.size === 0) letGo(started);
    });
    started.on('error', (error) => {
      fail(started, error.message);
    });
    started.on('exit', () => {
      fail(started, 'The thread that keeps the models ended.');
    });
    return started;
  };
  const letGo = (one: Worker): void => {
    if (worker === one) worker = undefined;
    void one.terminate();
  };
  const fail = (one: Worker, message: string): void => {
    if (worker !== one) return;
    worker = undefined;
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  const ask = (asked: Asked, signal?: AbortSignal, heard: Waiting['heard'] = () => undefined) => {
    worker ??= start();
    const own = worker;
    const id = ++ids;
    return new Promise<unknown>((resolve, reject) => {
      waiting.set(id, { resolve, reject, heard });
      signal?.addEventListener('abort', () => {
        own.postMessage({ id, kind: 'cancel' } satisfies ToModels);
      });
      own.postMessage({ ...asked, id });
    });
  };
  return {
    ask,
    close() {
      if (worker) letGo(worker);
    },
  };
}
