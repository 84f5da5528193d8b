/** The network as graphs: blocks of layers over one key/value cache, and the head that all exits share. */
import { join } from 'node:path';
import type { Bundle } from './bundle.js';
import { readEmbedding, type Embedding } from './embedding.js';
import { KeyValueCache } from './key-value-cache.js';
import type { Feed, Graph, Runtime } from './onnx-session.js';

export interface Block {
  readonly graph: Graph;
  readonly firstLayer: number;
  readonly endLayer: number;
}

/** A token's place in a run: where its keys and values go, and what it attends to. */
export interface Place {
  readonly row: number;
  /** Its distance from the start of the text. */
  readonly position: number;
  /** Rows after the shared prefix that it attends to, besides itself. */
  readonly sees: readonly number[];
}

export interface Network {
  readonly blocks: readonly Block[];
  readonly embedding: Embedding;
  readonly cache: KeyValueCache;
  readonly vocabularySize: number;
  /** Prepares runs of several blocks over the same places; all of them see the rows before `prefix`. */
  batch(places: readonly Place[], prefix: number): Batch;
  /** Logits [rows, vocabulary] spoken from the hidden states [rows, width]. */
  head(hidden: Float32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface Batch {
  /** Runs one block over hidden states [places, width], stores its keys and values, and returns hidden states. */
  run(block: Block, hidden: Float32Array): Promise<Float32Array>;
}

/** @throws EngineFailure, BundleError when something of the bundle does not load. `onProgress` hears shares of 1. */
export async function loadNetwork(
  bundle: Bundle,
  runtime: Runtime,
  onProgress: (fraction: number) => void,
): Promise<Network> {
  const { architecture } = bundle;
  const parts = bundle.blocks.length + 2;
  const embedding = await readEmbedding(bundle);
  onProgress(1 / parts);
  const blocks: Block[] = [];
  for (const { file, firstLayer, endLayer } of bundle.blocks) {
    blocks.push({ graph: await runtime.load(join(bundle.folder, file)), firstLayer, endLayer });
    onProgress((1 + blocks.length) / parts);
  }
  const head = await runtime.load(join(bundle.folder, bundle.head.file));
  onProgress(1);
  const shape = { ...architecture, headSize: architecture.headSize };
  const cache = new KeyValueCache(shape, (data, dims) => runtime.floats(data, dims));
  const { width } = embedding;

  return {
    blocks,
    embedding,
    cache,
    vocabularySize: architecture.vocabulary,
    batch: (places, prefix) => prepareBatch(places, prefix, cache, runtime, width),
    async head(hidden) {
      const { logits } = await head.run({ x: runtime.floats(hidden, [1, hidden.length / width, width]) });
      return logits!;
    },
    async release() {
      await Promise.all([...blocks.map((block) => block.graph.release()), head.release()]);
    },
  };
}

function prepareBatch(
  places: readonly Place[],
  prefix: number,
  cache: KeyValueCache,
  runtime: Runtime,
  width: number,
): Batch {
  const positions = runtime.integers(
    places.map((place) => place.position),
    [1, places.length],
  );
  const bias: Feed = runtime.floats(attentionBias(places, prefix, cache.capacity), [
    1,
    1,
    places.length,
    cache.capacity + places.length,
  ]);
  const rows = places.map((place) => place.row);
  return {
    async run({ graph, firstLayer, endLayer }, hidden) {
      const { y, kv_new: fresh } = await graph.run({
        x: runtime.floats(hidden, [1, places.length, width]),
        position_ids: positions,
        attn_bias: bias,
        ...cache.feeds(firstLayer, endLayer),
      });
      cache.write(firstLayer, endLayer, rows, fresh!);
      return y!;
    },
  };
}

/** Far below every attention score, and finite, so that no row of a softmax becomes a NaN. */
const HIDDEN = -1e9;

/**
 * The mask [places, capacity + places] added to attention scores: cached rows first, then the places of this batch
 * themselves. This is what makes a tree of branches out of rows.
 */
export function attentionBias(places: readonly Place[], prefix: number, capacity: number): Float32Array {
  const columns = capacity + places.length;
  const bias = new Float32Array(places.length * columns).fill(HIDDEN);
  const columnOf = new Map(places.map((place, index) => [place.row, capacity + index]));
  places.forEach((place, index) => {
    const start = index * columns;
    bias.fill(0, start, start + prefix);
    for (const row of place.sees) bias[start + (columnOf.get(row) ?? row)] = 0;
    bias[start + capacity + index] = 0;
  });
  return bias;
}
