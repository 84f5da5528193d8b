/** The network as graphs: blocks of layers over one key/value cache, and the head that all exits share. */
import { join } from 'node:path';
import { attentionBias, layOut, type Place } from './attention-layout.js';
import type { Bundle } from './bundle.js';
import { Cancelled, type Cancellation } from './cancellation.js';
import { loadDrafter } from './drafter.js';
import { readEmbedding, type Embedding } from './embedding.js';
import { KeyValueCache } from './key-value-cache.js';
import type { Drafter } from './model.js';
import type { Feed, Graph, Runtime } from './onnx-session.js';
import { propagationOf } from './propagation.js';

/** A run of layers; what runs it is the network's own business. */
export interface Block {
  readonly firstLayer: number;
  readonly endLayer: number;
}

export interface Network {
  readonly blocks: readonly Block[];
  readonly embedding: Embedding;
  readonly cache: Cache;
  readonly vocabularySize: number;
  /**
   * Prepares runs of blocks over the same places; all of them see the rows before `prefix`. Between blocks, where the
   * processor waits for them one by one, they end with `Cancelled` when that is requested.
   */
  batch(places: readonly Place[], prefix: number, cancellation: Cancellation): Batch;
  /** Logits [rows, vocabulary] spoken from the hidden states [rows, width]. */
  head(hidden: Float32Array): Promise<Float32Array>;
  /**
   * Stores keys and values of a block for rows that skip it, from the hidden states [places, width] with which they left.
   * Undefined where that cannot be done.
   */
  readonly propagate?:
    ((block: Block, places: readonly Place[], hidden: Float32Array) => Promise<void>) | undefined;
  /** Guesses what the head will say; undefined where the bundle has none, or it does not run here. */
  readonly drafter?: Drafter | undefined;
  release(): Promise<void>;
}

export interface Batch {
  /**
   * Runs blocks one after the other over hidden states [places, width], stores their keys and values, and returns the
   * hidden states after the last.
   */
  run(blocks: readonly Block[], hidden: Float32Array): Promise<Float32Array>;
}

/** Keys and values of all rows, wherever they lie. */
export interface Cache {
  /** Makes room for `rows` rows, keeping the first `used` ones. */
  reserve(rows: number, used: number): void;
  /** Moves `rows` (ascending, none before `start`) together, so that they stand at `start` and after it. */
  compact(start: number, rows: readonly number[]): void;
  /** Bytes held. */
  readonly bytes: number;
}

interface GraphBlock extends Block {
  readonly graph: Graph;
}

/**
 * The network over the graphs for processors. `onProgress` hears shares of 1.
 * @throws EngineFailure, BundleError when something of the bundle does not load.
 */
export async function loadNetwork(
  bundle: Bundle,
  runtime: Runtime,
  onProgress: (fraction: number) => void,
): Promise<Network> {
  const { architecture } = bundle;
  const parts = bundle.blocks.length + 2;
  const embedding = await readEmbedding(bundle);
  onProgress(1 / parts);
  const blocks: GraphBlock[] = [];
  for (const { file, firstLayer, endLayer } of bundle.blocks) {
    blocks.push({ graph: await runtime.load(join(bundle.folder, file)), firstLayer, endLayer });
    onProgress((1 + blocks.length) / parts);
  }
  const head = await runtime.load(join(bundle.folder, bundle.head.file));
  onProgress(1);
  const shape = { ...architecture, headSize: architecture.headSize };
  const cache = new KeyValueCache(shape, (data, dims) => runtime.floats(data, dims));
  const propagation = propagationOf(bundle, runtime, cache);
  const drafter = await loadDrafter(bundle, runtime, embedding);
  const { width } = embedding;

  return {
    blocks,
    embedding,
    cache,
    vocabularySize: architecture.vocabulary,
    batch: (places, prefix, cancellation) =>
      prepareBatch(places, prefix, cancellation, cache, runtime, width),
    propagate: propagation?.propagate,
    drafter,
    async head(hidden) {
      const { logits } = await head.run({ x: runtime.floats(hidden, [1, hidden.length / width, width]) });
      return logits!;
    },
    async release() {
      await Promise.all([...blocks.map((block) => block.graph.release()), head.release()]);
      await propagation?.release();
      await drafter?.release();
    },
  };
}

function prepareBatch(
  places: readonly Place[],
  prefix: number,
  cancellation: Cancellation,
  cache: KeyValueCache,
  runtime: Runtime,
  width: number,
): Batch {
  const layout = layOut(places);
  const shared = {
    position_ids: runtime.integers(
      places.map((place) => place.position),
      [1, places.length],
    ),
    recent_at: runtime.integers([layout.before], [1]),
  };
  const rows = places.map((place) => place.row);
  /** By the length of the past, which is mostly the same in all blocks. */
  const biases = new Map<number, Feed>();
  const biasFor = (past: number): Feed => {
    const known = biases.get(past);
    if (known) return known;
    const bias = attentionBias(places, layout, prefix, past);
    const feed = runtime.floats(bias, [1, 1, places.length, past + layout.size]);
    biases.set(past, feed);
    return feed;
  };
  const runOne = async ({ graph, firstLayer, endLayer }: GraphBlock, hidden: Float32Array) => {
    const past = cache.past(firstLayer, endLayer, layout.start);
    const { y, kv_new: fresh } = await graph.run({
      ...shared,
      ...past.feeds,
      attn_bias: biasFor(past.rows),
      x: runtime.floats(hidden, [1, places.length, width]),
      recent: cache.tile(firstLayer, endLayer, layout, places.length),
    });
    cache.write(firstLayer, endLayer, rows, fresh!);
    return y!;
  };
  return {
    async run(blocks, hidden) {
      let state = hidden;
      for (const block of blocks) {
        if (cancellation.requested) throw new Cancelled('What the network computes is no longer needed.');
        state = await runOne(block as GraphBlock, state);
      }
      return state;
    },
  };
}
