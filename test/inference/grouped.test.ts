/** The graphs for graphics cards, run on the processor: they say what the graphs for processors say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import { never } from '../../language-server/inference/cancellation.js';
import { copyGraph } from '../../language-server/inference/copy-graph.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import { loadGroupedNetwork } from '../../language-server/inference/grouped-network.js';
import type { ExitPolicy } from '../../language-server/inference/model.js';
import { loadOnnxModel, OnnxModel } from '../../language-server/inference/onnx-model.js';
import { startRuntime, type Runtime } from '../../language-server/inference/onnx-session.js';
import { deviceCases, difference, longDeviceCases } from '../support/device-cases.js';
import { randomBundleFolder, removeBundle } from '../support/random-engine.js';

let bundle: Bundle;
let twoPart: OnnxModel;
const folders: string[] = [];

async function newBundle(...[options]: Parameters<typeof randomBundleFolder>): Promise<Bundle> {
  const folder = await randomBundleFolder(options);
  folders.push(folder);
  return readBundle(folder);
}

beforeAll(async () => {
  bundle = await newBundle();
  twoPart = await loadOnnxModel(bundle, { threads: 1, chunkTokens: 16 });
});

afterAll(async () => {
  await twoPart.release();
  for (const folder of folders) await removeBundle(folder);
});

describe.each([
  ['float32', 1e-3],
  ['float16', 0.1],
] as const)('in %s', (grouped, tolerance) => {
  let model: OnnxModel;
  beforeAll(async () => {
    model = await loadOnnxModel(bundle, { threads: 1, chunkTokens: 16, grouped });
  });
  afterAll(() => model.release());

  test.each(Object.entries({ ...deviceCases, ...longDeviceCases }))('%s', async (_, ask) => {
    expect(await difference(ask, twoPart, model)).toBeLessThan(tolerance);
  });
});

test.each(['q8', 'q4', 'q4-zero'] as const)('with %s weights', async (weights) => {
  const coded = await newBundle({ weights });
  const models = [
    await loadOnnxModel(coded, { threads: 1 }),
    await loadOnnxModel(coded, { threads: 1, grouped: 'float32' }),
  ] as const;
  const ask = deviceCases['a prompt in several chunks, and steps after it']!;
  // Products round activations to 8 bits, and the last bits of attention decide which way.
  expect(await difference(ask, ...models)).toBeLessThan(0.2);
  for (const model of models) await model.release();
});

test('the processor waits for states once a token, and at each exit that a policy watches', async () => {
  let reads = 0;
  const runtime = await startRuntime(1);
  const counting: Runtime = {
    ...runtime,
    async load(source) {
      const graph = await runtime.load(source);
      if (source !== copyGraph) return graph;
      return { ...graph, run: (feeds) => ((reads += 1), graph.run(feeds)) };
    },
  };
  const network = await loadGroupedNetwork(bundle, bundle.grouped![0]!, counting, () => undefined);
  const exits = bundle.exits.map(({ layer }) => layer);
  const model = new OnnxModel(network, exits, 64, 16);
  const readsOf = async (policy: ExitPolicy): Promise<number> => {
    using session = await model.open([1, 2, 3], never);
    reads = 0;
    await session.forward([{ after: session.root, input: [[3, 1]] }], policy);
    return reads;
  };
  expect(await readsOf(fullDepth)).toBe(1);
  expect(await readsOf({ watches: () => true, judge: () => 'continue' })).toBe(exits.length);
  await model.release();
});

test('a bundle without such graphs says so', async () => {
  const without = { ...bundle, grouped: undefined };
  await expect(loadOnnxModel(without, { threads: 1, grouped: 'float32' })).rejects.toThrow(
    'Convert the model again, or use the CPU.',
  );
});
