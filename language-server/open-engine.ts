/** Opens the product's engine: a bundle's description, and a worker thread that writes with it. */
import { availableParallelism } from 'node:os';
import type { Engine, ModelDescription } from './completion/engine.js';
import { WorkerWriter, type EngineState } from './decoding/worker-writer.js';
import { BundleError, readBundle } from './inference/bundle.js';
import type { EngineOptions, OpenedEngine } from './lsp/engine-host.js';

const remedy = 'Then restart the server.';

/** `workerFile` is the built worker. Every failure is reported as `unavailable`, in words. */
export function openEngine(
  options: EngineOptions,
  workerFile: URL,
  report: (engine: Engine) => void,
): OpenedEngine {
  let writer: WorkerWriter | undefined;
  let closed = false;
  const unavailable = (problem: string) => {
    report({ kind: 'unavailable', problem, remedy });
  };

  const open = async () => {
    const bundle = await readBundle(options.bundle);
    if (closed) return;
    const show = (state: EngineState) => {
      if (writer) report(asEngine(state, writer, { name: bundle.name, prompt: bundle.prompt }));
    };
    writer = new WorkerWriter({
      workerFile,
      bundleDir: options.bundle,
      grammarsDir: options.grammars,
      threads: threadsFor(options.threads),
      onState: show,
    });
    show(writer.state);
  };

  report({ kind: 'loading', what: 'bundle', fraction: 0 });
  open().catch((error: unknown) => {
    if (error instanceof BundleError) unavailable(error.message);
    else
      unavailable(`The engine cannot be started: ${error instanceof Error ? error.message : String(error)}.`);
  });

  return {
    // The writer tells of its own deaths and restarts by its state.
    failed: () => undefined,
    async close() {
      closed = true;
      await writer?.dispose();
    },
  };
}

/** What the setting `threads` means: 0 is half the cores, at least one. */
export function threadsFor(setting: number): number {
  return setting === 0 ? Math.max(Math.floor(availableParallelism() / 2), 1) : setting;
}

function asEngine(
  state: EngineState,
  writer: WorkerWriter,
  { name, prompt }: Omit<ModelDescription, 'device'>,
): Engine {
  switch (state.kind) {
    case 'loading':
      return state;
    case 'ready':
      return { kind: 'ready', writer, model: { name, device: state.engine.device, prompt } };
    case 'restarting':
      return { kind: 'loading', what: `${state.why} Starting again`, fraction: 0 };
    case 'broken':
      return { kind: 'unavailable', problem: state.why, remedy };
  }
}
