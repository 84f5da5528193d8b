/** A bundle that reads whole texts in one pass without a cache: all that judging probabilities needs. */
import { join } from 'node:path';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import { readEmbedding } from '../../language-server/inference/embedding.js';
import {
  startRuntime,
  type Feed,
  type Graph,
  type Runtime,
} from '../../language-server/inference/onnx-session.js';

export interface WholeTextModel {
  readonly bundle: Bundle;
  /** Hidden states [tokens, hidden] after `layers` layers, where a block ends; by default after the last. */
  read(tokens: readonly number[], layers?: number): Promise<Float32Array>;
  /** Logits [rows, vocabulary] of hidden states [rows, hidden]. */
  head(hidden: Float32Array): Promise<Float32Array>;
  /** One run of all blocks over `count` tokens behind `past` cached rows of zeros, for timing. */
  step(count: number, past: number): Promise<Float32Array>;
  release(): Promise<void>;
}

export async function loadWholeText(folder: string, threads = 2): Promise<WholeTextModel> {
  const bundle = await readBundle(folder);
  const runtime = await startRuntime(threads);
  const embedding = await readEmbedding(bundle);
  const graphs: Graph[] = [];
  for (const { file } of bundle.blocks) graphs.push(await runtime.load(join(folder, file)));
  const head = await runtime.load(join(folder, bundle.head.file));
  const { hidden } = bundle.architecture;

  const run = async (tokens: readonly number[], past: number, layers = Infinity): Promise<Float32Array> => {
    let x: Float32Array = new Float32Array(tokens.length * hidden);
    for (const [index, token] of tokens.entries()) embedding.write([[token, 1]], x, index * hidden);
    const shared = sharedFeeds(runtime, tokens.length, past);
    const rows = pastRows(runtime, bundle, past);
    for (const [index, { firstLayer, endLayer }] of bundle.blocks.entries()) {
      if (endLayer > layers) break;
      const feeds: Record<string, Feed> = {
        ...shared,
        recent: runtime.floats(new Float32Array(0), [
          2 * (endLayer - firstLayer),
          bundle.architecture.keyValueHeads,
          0,
          bundle.architecture.headSize,
        ]),
        x: runtime.floats(x, [1, tokens.length, hidden]),
      };
      for (let layer = firstLayer; layer < endLayer; layer++)
        feeds[`pk${layer}`] = feeds[`pv${layer}`] = rows;
      x = (await graphs[index]!.run(feeds)).y!;
    }
    return x;
  };
  return {
    bundle,
    read: (tokens, layers) => run(tokens, 0, layers),
    head: async (states) =>
      (await head.run({ x: runtime.floats(states, [1, states.length / hidden, hidden]) })).logits!,
    step: (count, past) =>
      run(
        Array.from({ length: count }, (_, index) => 1000 + 7 * index),
        past,
      ),
    release: async () => {
      for (const graph of [...graphs, head]) await graph.release();
    },
  };
}

function sharedFeeds(runtime: Runtime, count: number, past: number): Record<string, Feed> {
  const width = past + count;
  const mask = new Float32Array(count * width);
  for (let row = 0; row < count; row++) mask.fill(-1e9, row * width + past + row + 1, (row + 1) * width);
  const positions = Array.from({ length: count }, (_, index) => past + index);
  return {
    recent_at: runtime.integers([0], [1]),
    position_ids: runtime.integers(positions, [1, count]),
    attn_bias: runtime.floats(mask, [1, 1, count, width]),
  };
}

function pastRows(
  runtime: Runtime,
  { architecture: { keyValueHeads, headSize } }: Bundle,
  past: number,
): Feed {
  return runtime.floats(new Float32Array(keyValueHeads * past * headSize), [
    1,
    keyValueHeads,
    past,
    headSize,
  ]);
}
