/** A model in WebAssembly says what it says on the processor: prompts, branches, exits, rollback, batches. */
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import { never } from '../../language-server/inference/cancellation.js';
import { DeviceFailure } from '../../language-server/inference/engine-failure.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import type { ExitPolicy, LanguageModel } from '../../language-server/inference/model.js';
import { loadOnnxModel, type OnnxModel } from '../../language-server/inference/onnx-model.js';
import { decodeOnnxModel } from '../../models/convert/onnx-reader.js';
import { encodeOnnxModel } from '../../models/convert/onnx-writer.js';
import { startWebRuntime } from '../../language-server/inference/web-session.js';
import { readWebGraph } from '../../models/convert/web-graph.js';
import { deviceCases, difference, longDeviceCases } from '../support/device-cases.js';
import { randomBundleFolder, removeBundle, step, steps } from '../support/random-engine.js';

const folders: string[] = [];

async function newBundle(...[options]: Parameters<typeof randomBundleFolder>): Promise<Bundle> {
  const folder = await randomBundleFolder(options);
  folders.push(folder);
  return readBundle(folder);
}

const inWeb = (bundle: Bundle, threads = 2): Promise<OnnxModel> =>
  loadOnnxModel(bundle, { threads, chunkTokens: 16, device: 'wasm', readWebGraph });

let bundle: Bundle;
let native: OnnxModel;
let web: OnnxModel;

beforeAll(async () => {
  bundle = await newBundle();
  native = await loadOnnxModel(bundle, { threads: 1, chunkTokens: 16 });
  web = await inWeb(bundle);
});

afterAll(async () => {
  await native.release();
  await web.release();
  for (const folder of folders) await removeBundle(folder);
});

test.each(Object.entries({ ...deviceCases, ...longDeviceCases }))('%s', async (_, ask) => {
  expect(await difference(ask, native, web)).toBeLessThan(1e-3);
});

test.each(['q8', 'q4', 'q4-b16', 'q4-zero'] as const)(
  'with %s weights, where the processor does not round inputs either',
  async (weights) => {
    const coded = await newBundle({ weights });
    const exact = await exactProducts(coded);
    const models = [await loadOnnxModel(exact, { threads: 1 }), await inWeb(coded)] as const;
    for (const ask of Object.values(deviceCases)) expect(await difference(ask, ...models)).toBeLessThan(1e-3);
    for (const model of models) await model.release();
  },
);

/** The same bundle, whose graphs for processors multiply by the same codes, but in float32. */
async function exactProducts(coded: Bundle): Promise<Bundle> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'candor-')), 'bundle');
  folders.push(folder);
  await cp(coded.folder, folder, { recursive: true });
  const FLOAT32 = 1;
  for (const { file } of [...coded.blocks, coded.head]) {
    const graph = decodeOnnxModel(await readFile(path.join(folder, file)));
    const nodes = graph.nodes.map((node) => {
      if (node.operator !== 'MatMulNBits') return node;
      return { ...node, attributes: { ...node.attributes, accuracy_level: FLOAT32 } };
    });
    await writeFile(path.join(folder, file), encodeOnnxModel({ ...graph, nodes }));
  }
  return { ...coded, folder };
}

test('rows that skip blocks get the keys and values that they get on the processor', async () => {
  const leaving: ExitPolicy = {
    watches: (exit) => exit === 2,
    judge: () => 'exit',
    skipped: 'propagated',
  };
  const ask = async (model: LanguageModel) => {
    using session = await model.open([5, 6, 7, 8], never);
    const early = await steps(session, session.root, [8, 9, 10], leaving);
    const deep = await step(session, early.branch, 11, { ...fullDepth, skipped: 'propagated' });
    return [early.logits, deep.logits];
  };
  expect(await difference(ask, native, web)).toBeLessThan(1e-3);
});

test('a graph that is not there, or is none, is the device’s failure', async () => {
  const runtime = await startWebRuntime(bundle, 2, readWebGraph);
  await expect(runtime.load('/nowhere/block-0.onnx')).rejects.toThrow(DeviceFailure);
  const file = path.join(bundle.folder, 'noise.onnx');
  await writeFile(file, Buffer.alloc(100, 7));
  await expect(runtime.load(file)).rejects.toThrow(DeviceFailure);
});

describe('its memory', () => {
  test('a model that cannot fit is refused before anything is read', async () => {
    const architecture = { ...bundle.architecture, layers: 28, hidden: 1536, feedForward: 8960 };
    const large = { ...bundle, architecture, folder: '/nowhere' };
    const loading = inWeb(large);
    await expect(loading).rejects.toThrow(DeviceFailure);
    await expect(loading).rejects.toThrow(/out of memory: the model needs 5\.\d GB/);
  });
});
