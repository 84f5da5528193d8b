/**
 * The network over the graphs for graphics cards: keys and values never leave the device. Blocks that follow one another
 * hand on their hidden states there too, so that the processor waits once for all of them, and not after each.
 */
import { join } from 'node:path';
import type { Place } from './attention-layout.js';
import type { Bundle, GroupedGraphs } from './bundle.js';
import { Cancelled } from './cancellation.js';
import { copyGraph } from './copy-graph.js';
import { DeviceCache } from './device-cache.js';
import { readEmbedding } from './embedding.js';
import type { Block, Network } from './network.js';
import type { Feed, KeepingGraph, Runtime } from './onnx-session.js';

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
    const kept = ['y', ...DeviceCache.outputs(firstLayer, endLayer)];
    const graph = await runtime.loadKeeping(join(folder, graphs.blocks[index]!), kept);
    const cache = new DeviceCache(firstLayer, endLayer, shape, runtime, rows);
    blocks.push({ graph, firstLayer, endLayer, cache });
    onProgress((1 + blocks.length) / parts);
  }
  const head = await runtime.load(join(folder, graphs.head));
  const copy = await runtime.load(copyGraph);
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
    batch: (places, prefix, cancellation) => ({
      async run(group, hidden) {
        if (cancellation.requested) throw new Cancelled('What the network computes is no longer needed.');
        let x = runtime.floats(hidden, [1, places.length, width]);
        try {
          for (const block of group as readonly GroupedBlock[]) {
            const y = await runBlock(block, places, prefix, x, runtime);
            x.dispose();
            x = y;
          }
          // This waits for all that was started.
          return (await copy.run({ x })).y!;
        } finally {
          x.dispose();
        }
      },
    }),
    async head(hidden) {
      const { logits } = await head.run({ x: runtime.floats(hidden, [1, hidden.length / width, width]) });
      return logits!;
    },
    async release() {
      for (const { cache } of blocks) cache.release();
      await Promise.all([
        ...blocks.map(({ graph }) => graph.release()),
        rows.release(),
        head.release(),
        copy.release(),
      ]);
    },
  };
}

/** Starts a block over the states `x`; its own stay on the device, and are the caller's. */
async function runBlock(
  { graph, cache }: GroupedBlock,
  places: readonly Place[],
  prefix: number,
  x: Feed,
  runtime: Runtime,
): Promise<Feed> {
  await cache.makeRoom(places.length);
  const positions = places.map((place) => place.position);
  const kept = await graph.run({
    x,
    position_ids: runtime.integers(positions, [1, places.length]),
    ...cache.feeds(places, prefix),
  });
  cache.append(places, kept);
  return kept.y!;
}
