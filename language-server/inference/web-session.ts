/**
 * ONNX Runtime compiled to WebAssembly, for machines on which its native library does not load. The only importer of
 * `onnxruntime-web`, which reads its code from beside itself and nothing from a network.
 */
import type * as Onnx from 'onnxruntime-web';
import type { Bundle } from './bundle.js';
import { DeviceFailure } from './engine-failure.js';
import { asFailure, nameOf, numbersOf, tensorsOf, type Runtime } from './onnx-session.js';

/** A graph in the form that is fast in WebAssembly, with everything that it reads. */
export interface WebGraph {
  /** The bytes of the `.onnx` file. */
  readonly model: Uint8Array;
  /** What the model names as external data. */
  readonly weights: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/** Reads a graph of a bundle and its weights, and makes them such. */
export type ReadWebGraph = (file: string) => Promise<WebGraph>;

/** What WebAssembly of today can address, in bytes. */
const MOST_BYTES = 2 ** 32;

/** Share of it that weights may take: while a block is loaded, its matrices are there twice, and runs need room too. */
const SHARE = 0.8;

/**
 * All graphs share one memory, which grows and is not given back before its thread ends, and one pool of threads, whose
 * size stays what the first call in a thread of ours has asked for.
 * @throws DeviceFailure when the model is too large for WebAssembly's memory.
 */
export async function startWebRuntime(
  bundle: Pick<Bundle, 'architecture'>,
  threads: number,
  readGraph: ReadWebGraph,
): Promise<Runtime> {
  const bytes = floatBytes(bundle);
  if (bytes > SHARE * MOST_BYTES) {
    const needed = (bytes / SHARE / 1e9).toFixed(1);
    throw new DeviceFailure('wasm', `out of memory: the model needs ${needed} GB, and there are 4.3`);
  }
  const onnx = await import('onnxruntime-web');
  onnx.env.wasm.numThreads = threads;
  const failed =
    (file: string) =>
    (error: unknown): never => {
      throw asFailure(error, `ONNX Runtime failed in ${file}`, '', 'wasm');
    };
  return {
    async load(source) {
      const file = nameOf(source);
      const { model, weights } =
        typeof source === 'string'
          ? await readGraph(source).catch(failed(file))
          : { model: source, weights: [] };
      const options: Onnx.InferenceSession.SessionOptions = {
        executionProviders: ['wasm'],
        graphOptimizationLevel: 'all',
        externalData: weights,
      };
      const session = await onnx.InferenceSession.create(model, options).catch(failed(file));
      return {
        run: async (feeds) => numbersOf(Object.entries(await session.run(feeds).catch(failed(file)))),
        release: () => session.release(),
      };
    },
    loadKeeping: (file) => Promise.reject(new Error(`${file} keeps its cache on a graphics card.`)),
    ...tensorsOf(onnx.Tensor),
  };
}

/** Bytes of a model's matrices as float32. */
export function floatBytes({ architecture }: Pick<Bundle, 'architecture'>): number {
  const { layers, hidden, heads, keyValueHeads, headSize, feedForward, vocabulary } = architecture;
  const attention = 2 * hidden * headSize * (heads + keyValueHeads);
  return 4 * (layers * (attention + 3 * hidden * feedForward) + vocabulary * hidden);
}
