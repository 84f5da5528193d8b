/** Opens the product's engine: a bundle's description, and a worker thread that writes with it. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Engine, ModelDescription } from './completion/engine.js';
import { WorkerWriter, type AnswerQuestion, type EngineState } from './decoding/worker-writer.js';
import { BundleError, identityOf, readBundle, type Bundle } from './inference/bundle.js';
import type { EngineOptions, OpenedEngine } from './lsp/engine-host.js';

const remedy = 'Then restart the server.';

/** `workerFile` is the built worker; `answer` knows what analysis servers say. Every failure is reported as `unavailable`, in words. */
export function openEngine(
  options: EngineOptions,
  workerFile: URL,
  report: (engine: Engine) => void,
  answer?: AnswerQuestion,
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
      if (writer) report(asEngine(state, writer, modelOf(bundle)));
    };
    writer = new WorkerWriter({
      workerFile,
      bundleDir: options.bundle,
      grammarsDir: options.grammars,
      threads: threadsFor(options.threads),
      onState: show,
      ...(answer && { answer }),
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

/** What the pipeline knows of a bundle. */
export function modelOf(bundle: Bundle): Omit<ModelDescription, 'device'> {
  const { name, prompt, calibration, folder } = bundle;
  const shipped = calibration && { path: path.join(folder, calibration.file), sha256: calibration.sha256 };
  const { layers } = bundle.architecture;
  return { name, identity: identityOf(bundle), prompt, layers, ...(shipped && { calibration: shipped }) };
}

function asEngine(state: EngineState, writer: WorkerWriter, model: Omit<ModelDescription, 'device'>): Engine {
  switch (state.kind) {
    case 'loading':
      return state;
    case 'ready':
      return { kind: 'ready', writer, model: { ...model, device: state.engine.device } };
    case 'restarting':
      return { kind: 'loading', what: `${state.why} Starting again`, fraction: 0 };
    case 'broken':
      return { kind: 'unavailable', problem: state.why, remedy };
  }
}
