/** ONNX Runtime's native library, and everything that is particular to it. The only file that imports `onnxruntime-node`. */
import type * as Onnx from 'onnxruntime-node';
import type { Device, NativeDevice } from './devices/device.js';
import { DeviceFailure, EngineFailure, isMemory, NativeLibraryFailure } from './engine-failure.js';
import { disableRuntimeTelemetry } from './no-telemetry.js';

/** Owned by whoever made it; the runtime reads `data` in place at each run, so writing there changes later runs. */
export type Feed = Onnx.Tensor;

/** One graph, loaded. */
export interface Graph {
  /** Runs the graph. Blocks this thread; cannot be interrupted. The outputs are the caller's. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, Float32Array>>>;
  release(): Promise<void>;
}

/** One graph, loaded, whose outputs stay on the device: feeds for later runs, which the caller disposes. */
export interface KeepingGraph {
  /** Starts the graph; does not wait for the device to end it. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, Feed>>>;
  release(): Promise<void>;
}

export interface Runtime {
  /** A graph from its file, or from its bytes. @throws EngineFailure when it is missing or broken, or memory runs out. */
  load(file: string | Uint8Array): Promise<Graph>;
  /** `outputs` are all that the graph has. @throws EngineFailure as `load`. */
  loadKeeping(file: string, outputs: readonly string[]): Promise<KeepingGraph>;
  floats(data: Float32Array, dims: readonly number[]): Feed;
  zeros(type: 'float32' | 'float16', dims: readonly number[]): Feed;
  /** Numbers as 32-bit integers. */
  integers32(data: readonly number[], dims: readonly number[]): Feed;
  /** Numbers as 64-bit integers. */
  integers(data: readonly number[], dims: readonly number[]): Feed;
}

/**
 * ONNX Runtime on a device, with so many threads a graph for what runs on the processor.
 * @throws NativeLibraryFailure when its native library does not load, and DeviceFailure when it cannot run on such a
 * device. That the device is there shows when a graph is loaded.
 */
export async function startRuntime(threads: number, device: NativeDevice = 'cpu'): Promise<Runtime> {
  const onnx = await importRuntime();
  // Otherwise the processor would run everything in its place, and nothing would say so.
  if (device !== 'cpu' && onnx.listSupportedBackends().every(({ name }) => name !== device))
    throw new DeviceFailure(device, `[${device}] backend not found`);
  const options: Onnx.InferenceSession.SessionOptions = {
    executionProviders: device === 'cpu' ? ['cpu'] : [{ name: device }, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors only: of each graph, CUDA warns that some of its nodes run on the processor.
    logSeverityLevel: 3,
    // Each session has its own threads. Those of one block, spinning while the next block runs, would take its cores.
    extra: { session: { force_spinning_stop: '1', intra_op: { allow_spinning: '1' } } },
  };
  const open = (model: string | Uint8Array, more: Onnx.InferenceSession.SessionOptions) => {
    const all = { ...options, ...more };
    const opened =
      typeof model === 'string'
        ? onnx.InferenceSession.create(model, all)
        : onnx.InferenceSession.create(model, all);
    return opened.catch((error: unknown) => {
      throw asFailure(
        error,
        `ONNX Runtime cannot load ${nameOf(model)}`,
        'Restore or convert the bundle again.',
        device,
      );
    });
  };
  const run = (session: Onnx.InferenceSession, file: string, feeds: Readonly<Record<string, Feed>>) =>
    session.run(feeds).catch((error: unknown) => {
      throw asFailure(error, `ONNX Runtime failed in ${file}`, 'Restart the server.', device);
    });
  return {
    async load(model) {
      const session = await open(model, {});
      return {
        run: async (feeds) => numbersOf(Object.entries(await run(session, nameOf(model), feeds))),
        release: () => session.release(),
      };
    },
    async loadKeeping(file, outputs) {
      // Only WebGPU hands out memory of its own; reading it would abort the process, and so nothing here does.
      const places = Object.fromEntries(outputs.map((name) => [name, 'gpu-buffer' as const]));
      const session = await open(file, device === 'webgpu' ? { preferredOutputLocation: places } : {});
      return { run: (feeds) => run(session, file, feeds), release: () => session.release() };
    },
    ...tensorsOf(onnx.Tensor),
  };
}

/** A graph's name in messages. */
export function nameOf(model: string | Uint8Array): string {
  return typeof model === 'string' ? model : 'a graph of its own';
}

/** What makes tensors, by the class of either runtime. */
export function tensorsOf(
  Tensor: typeof Onnx.Tensor,
): Pick<Runtime, 'floats' | 'zeros' | 'integers' | 'integers32'> {
  return {
    floats: (data, dims) => new Tensor('float32', data, dims),
    zeros: (type, dims) => {
      const size = dims.reduce((product, length) => product * length, 1);
      if (type === 'float32') return new Tensor(type, new Float32Array(size), dims);
      return new Tensor(type, new Uint16Array(size), dims);
    },
    integers: (data, dims) => new Tensor('int64', BigInt64Array.from(data, BigInt), dims),
    integers32: (data, dims) => new Tensor('int32', Int32Array.from(data), dims),
  };
}

export function numbersOf(outputs: readonly [string, Onnx.Tensor][]): Record<string, Float32Array> {
  return Object.fromEntries(outputs.map(([name, tensor]) => [name, tensor.data as Float32Array]));
}

/** Why the native library does not load here, in words for the user; undefined where it does. */
export async function whyNoNativeLibrary(): Promise<string | undefined> {
  return importRuntime().then(
    () => undefined,
    (error: unknown) => reason(error) + '.',
  );
}

async function importRuntime(): Promise<typeof Onnx> {
  disableRuntimeTelemetry();
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new NativeLibraryFailure(
      `The native library of ONNX Runtime does not load on ${process.platform}-${process.arch}: ${reason(error)}. ` +
        'Install the build of Candor for this platform; on Windows, also the Visual C++ runtime.',
      { cause: error },
    );
  }
}

export function asFailure(error: unknown, what: string, remedy: string, device: Device): EngineFailure {
  const why = reason(error);
  if (device !== 'cpu') return new DeviceFailure(device, why, { cause: error });
  if (isMemory(why)) {
    return new EngineFailure(
      `${what}: not enough memory. Close other programs, or choose a smaller bundle or a smaller prompt.`,
      { cause: error },
    );
  }
  return new EngineFailure(`${what}: ${why}. ${remedy}`, { cause: error });
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replace(/\.$/, '');
}
