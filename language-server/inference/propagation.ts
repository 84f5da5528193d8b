/**
 * Keys and values for layers that a token skips, from the state with which it left the network: cheap, and not what the
 * layers would have said. The graphs are loaded when they are first needed, which for most bundles is never.
 */
import { join } from 'node:path';
import type { Place } from './attention-layout.js';
import type { Bundle } from './bundle.js';
import type { KeyValueCache } from './key-value-cache.js';
import type { Block, Network } from './network.js';
import type { Graph, Runtime } from './onnx-session.js';

export interface Propagation {
  readonly propagate: NonNullable<Network['propagate']>;
  release(): Promise<void>;
}

/** Undefined where the bundle has no graphs for it. */
export function propagationOf(
  bundle: Bundle,
  runtime: Runtime,
  cache: KeyValueCache,
): Propagation | undefined {
  const { propagation, blocks, architecture } = bundle;
  if (!propagation) return undefined;
  const loaded = new Map<string, Promise<Graph>>();
  const graphFor = (block: Block): Promise<Graph> => {
    const index = blocks.findIndex(({ firstLayer }) => firstLayer === block.firstLayer);
    // Nothing skips the first block.
    const file = propagation[index - 1]!;
    const known = loaded.get(file);
    if (known) return known;
    const graph = runtime.load(join(bundle.folder, file));
    loaded.set(file, graph);
    // Where memory was short, the next token may try again.
    graph.catch(() => loaded.delete(file));
    return graph;
  };
  return {
    async propagate(block: Block, places: readonly Place[], hidden: Float32Array) {
      const graph = await graphFor(block);
      const positions = places.map((place) => place.position);
      const { kv_new: fresh } = await graph.run({
        x: runtime.floats(hidden, [1, places.length, architecture.hidden]),
        position_ids: runtime.integers(positions, [1, places.length]),
      });
      const rows = places.map((place) => place.row);
      cache.write(block.firstLayer, block.endLayer, rows, fresh!);
    },
    async release() {
      await Promise.allSettled([...loaded.values()].map(async (graph) => (await graph).release()));
    },
  };
}
