/** The network over the graphs for graphics cards: keys and values never leave the device. */
import { join } from 'node:path';
import type { Place } from './attention-layout.js';
import type { Bundle, GroupedGraphs } from './bundle.js';
import { DeviceCache } from './device-cache.js';
import { readEmbedding } from './embedding.js';
import type { Block, Network } from './network.js';
import type { KeepingGraph, Runtime } from './onnx-session.js';

interface GroupedBlock extends Block {
  readonly graph: KeepingGraph;
  readonly cache: DeviceCache;
}

/** @throws EngineFailure, BundleError when something of the bundle does not load. `onProgress` hears shares of 1. */
export async function loadGroupedNetwork(
  bundle: Bundle,
  graphs: GroupedGraphs,
  runtime: Runtime,
  onProgress: (fraction: number) => void,
): Promise<Network> {
  const { architecture, folder } = bundle;
  const parts = bundle.blocks.length + 2;
  const embedding = await readEmbedding(bundle);
  onProgress(1 / parts);
  const shape = { ...architecture, precision: graphs.precision };
  const rows = await runtime.loadKeeping(join(folder, graphs.rows), ['moved']);
  const blocks: GroupedBlock[] = [];
  for (const [index, { firstLayer, endLayer }] of bundle.blocks.entries()) {
    const kept = DeviceCache.outputs(firstLayer, endLayer);
    const graph = await runtime.loadKeeping(join(folder, graphs.blocks[index]!), kept);
    const cache = new DeviceCache(firstLayer, endLayer, shape, runtime, rows);
    blocks.push({ graph, firstLayer, endLayer, cache });
    onProgress((1 + blocks.length) / parts);
  }
  const head = await runtime.load(join(folder, graphs.head));
  onProgress(1);
  const { width } = embedding;

  return {
    blocks,
    embedding,
    vocabularySize: architecture.vocabulary,
    cache: {
      // Room is made when a block runs: blocks that are not reached need none.
      reserve: (_rows, used) => {
        for (const { cache } of blocks) cache.truncate(used);
      },
      compact: (start, kept) => {
        for (const { cache } of blocks) cache.compact(start, kept);
      },
      get bytes() {
        return blocks.reduce((sum, { cache }) => sum + cache.bytes, 0);
      },
    },
    batch: (places, prefix) => ({
      run: (block, hidden) => runBlock(block as GroupedBlock, places, prefix, hidden, runtime, width),
    }),
    async head(hidden) {
      const { logits } = await head.run({ x: runtime.floats(hidden, [1, hidden.length / width, width]) });
      return logits!;
    },
    async release() {
      for (const { cache } of blocks) cache.release();
      await Promise.all([...blocks.map(({ graph }) => graph.release()), rows.release(), head.release()]);
    },
  };
}

async function runBlock(
  { graph, cache }: GroupedBlock,
  places: readonly Place[],
  prefix: number,
  hidden: Float32Array,
  runtime: Runtime,
  width: number,
): Promise<Float32Array> {
  await cache.makeRoom(places.length);
  const positions = places.map((place) => place.position);
  const { read, kept } = await graph.run({
    x: runtime.floats(hidden, [1, places.length, width]),
    position_ids: runtime.integers(positions, [1, places.length]),
    ...cache.feeds(places, prefix),
  });
  cache.append(places, kept);
  return read.y!;
}
