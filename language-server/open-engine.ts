/** Opens the product's engine: a bundle's description, and a worker thread that writes with it. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine, ModelDescription } from './completion/engine.js';
import { WorkerWriter, type AnswerQuestion, type EngineState } from './decoding/worker-writer.js';
import { identityOf } from './inference/bundle-identity.js';
import { BundleError, readBundle, type Bundle } from './inference/bundle.js';
import { EngineDevices } from './engine-devices.js';
import type { Choice } from './inference/devices/choose-device.js';
import { EngineFailure } from './inference/engine-failure.js';
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

  let devices: EngineDevices | undefined;
  let tried: Promise<void> | undefined;
  const open = async () => {
    const bundle = await readBundle(options.bundle);
    const threads = threadsFor(options.threads);
    const { device: setting, storage } = options;
    const probeScript = fileURLToPath(new URL('./probe.mjs', workerFile));
    devices = await EngineDevices.here({ setting, bundle, threads, storage, probeScript });
    const chosen = await devices.choose();
    if (closed) return;
    const show = (state: EngineState) => {
      if (writer) report(asEngine(state, writer, modelOf(bundle)));
    };
    writer = new WorkerWriter({
      workerFile,
      bundleDir: options.bundle,
      grammarsDir: options.grammars,
      threads,
      chosen,
      restMs: options.unloadMinutes * 60_000,
      onState: show,
      ...(answer && { answer }),
    });
    show(writer.state);
    if (chosen.untried.length > 0) tried = settle(writer, devices, chosen).catch(() => undefined);
  };

  /** The processor answers while devices are tried beside it. */
  const settle = async (using: WorkerWriter, at: EngineDevices, chosen: Choice) => {
    await using.ready();
    const settled = await at.settle(chosen);
    if (!closed) using.move(settled);
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
    async deviceReport() {
      if (!devices || !writer)
        throw new EngineFailure('The model is not loaded, so nothing can be tried with it.');
      await tried;
      const report = await devices.report();
      writer.move(await devices.choose());
      return report;
    },
    async close() {
      closed = true;
      await Promise.all([writer?.dispose(), devices?.close()]);
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
      return {
        kind: 'ready',
        writer,
        model: { ...model, device: state.engine.device, why: state.engine.why },
      };
    case 'restarting':
      return { kind: 'loading', what: `${state.why} Starting again`, fraction: 0 };
    case 'broken':
      return { kind: 'unavailable', problem: state.why, remedy };
  }
}
