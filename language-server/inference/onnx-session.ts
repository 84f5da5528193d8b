/** ONNX Runtime, and everything that is particular to it. The only file that imports `onnxruntime-node`. */
import type * as Onnx from 'onnxruntime-node';
import { EngineFailure } from './engine-failure.js';

/** Owned by whoever made it; the runtime reads `data` in place at each run, so writing there changes later runs. */
export type Feed = Onnx.Tensor;

/** One graph, loaded. */
export interface Graph {
  /** Runs the graph. Blocks this thread; cannot be interrupted. The outputs are the caller's. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, Float32Array>>>;
  release(): Promise<void>;
}

export interface Runtime {
  /** @throws EngineFailure when the file is missing or broken, or memory runs out. */
  load(file: string): Promise<Graph>;
  floats(data: Float32Array, dims: readonly number[]): Feed;
  /** Numbers as 64-bit integers. */
  integers(data: readonly number[], dims: readonly number[]): Feed;
}

/**
 * ONNX Runtime on the processor, with so many threads a graph.
 * @throws EngineFailure when its native library does not load.
 */
export async function startRuntime(threads: number): Promise<Runtime> {
  const onnx = await importRuntime();
  const options: Onnx.InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Each session has its own threads. Those of one block, spinning while the next block runs, would take its cores.
    extra: { session: { force_spinning_stop: '1', intra_op: { allow_spinning: '1' } } },
  };
  return {
    async load(file) {
      const session = await onnx.InferenceSession.create(file, options).catch((error: unknown) => {
        throw asFailure(error, `ONNX Runtime cannot load ${file}`, 'Restore or convert the bundle again.');
      });
      return graphOf(session, file);
    },
    floats: (data, dims) => new onnx.Tensor('float32', data, dims),
    integers: (data, dims) => new onnx.Tensor('int64', BigInt64Array.from(data, BigInt), dims),
  };
}

function graphOf(session: Onnx.InferenceSession, file: string): Graph {
  return {
    async run(feeds) {
      const outputs = await session.run(feeds).catch((error: unknown) => {
        throw asFailure(error, `ONNX Runtime failed in ${file}`, 'Restart the server.');
      });
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, tensor.data as Float32Array]),
      );
    },
    release: () => session.release(),
  };
}

async function importRuntime(): Promise<typeof Onnx> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new EngineFailure(
      `The native library of ONNX Runtime does not load on ${process.platform}-${process.arch}: ${reason(error)}. ` +
        'Install the build of Candor for this platform; on Windows, also the Visual C++ runtime.',
      { cause: error },
    );
  }
}

function asFailure(error: unknown, what: string, remedy: string): EngineFailure {
  const why = reason(error);
  if (/bad_alloc|alloc\w* (failed|memory)|failed to alloc|out of memory/i.test(why)) {
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
