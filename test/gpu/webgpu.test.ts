/**
 * The graphs for graphics cards on WebGPU: on a two-layer bundle they say what the processor says. Nothing is skipped:
 * without an adapter, or when a node ran elsewhere, the tests fail.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as onnx from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import { loadOnnxModel, type OnnxModel } from '../../language-server/inference/onnx-model.js';
import { deviceCases, difference } from '../support/device-cases.js';
import { randomBundleFolder, removeBundle } from '../support/random-engine.js';
import { adapterVariables, scratchFolder } from './software-adapter.js';

let folder: string;
let bundle: Bundle;
let processor: OnnxModel;
let card: OnnxModel;

beforeAll(async () => {
  Object.assign(process.env, adapterVariables());
  folder = await randomBundleFolder({ architecture: { layers: 2 }, exits: [1, 2] });
  bundle = await readBundle(folder);
  processor = await loadOnnxModel(bundle, { threads: 1, chunkTokens: 16 });
  card = await loadOnnxModel(bundle, {
    threads: 1,
    chunkTokens: 16,
    device: 'webgpu',
    grouped: 'float32',
  });
});

afterAll(async () => {
  await card.release();
  await processor.release();
  await removeBundle(folder);
});

test.each(Object.entries(deviceCases))('%s', async (_, ask) => {
  expect(await difference(ask, processor, card)).toBeLessThan(1e-3);
});

interface Profiled {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

test('every product, norm and attention of a block runs on WebGPU, and its cache stays there', async () => {
  const prefix = path.join(scratchFolder(), 'profile');
  const session = await onnx.InferenceSession.create(path.join(folder, bundle.grouped![0]!.blocks[0]!), {
    executionProviders: ['webgpu'],
    preferredOutputLocation: { k0: 'gpu-buffer', v0: 'gpu-buffer', y: 'cpu' },
    enableProfiling: true,
    profileFilePrefix: prefix,
  });
  const { hidden, keyValueHeads, headSize } = bundle.architecture;
  const rows = () =>
    new onnx.Tensor('float32', new Float32Array(keyValueHeads * 8 * headSize), [
      1,
      keyValueHeads,
      8,
      headSize,
    ]);
  const outputs = await session.run({
    x: new onnx.Tensor('float32', new Float32Array(hidden).fill(0.1), [1, 1, hidden]),
    position_ids: new onnx.Tensor('int64', BigInt64Array.of(0n), [1, 1]),
    attn_bias: new onnx.Tensor('float32', new Float32Array(1), [1, 1, 1, 1]),
    seqlens_k: new onnx.Tensor('int32', Int32Array.of(0), [1]),
    total_len: new onnx.Tensor('int32', Int32Array.of(1), [1]),
    pk0: rows(),
    pv0: rows(),
  });
  expect([outputs.k0!.location, outputs.v0!.location]).toEqual(['gpu-buffer', 'gpu-buffer']);
  session.endProfiling();
  await session.release();
  const file = readdirSync(path.dirname(prefix)).find((name) => name.startsWith('profile'))!;
  const events = JSON.parse(readFileSync(path.join(path.dirname(prefix), file), 'utf8')) as Profiled[];
  const ran = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  const on = (operator: string) =>
    ran.filter(({ args }) => args?.op_name === operator).map(({ args }) => args!.provider);
  for (const operator of ['GroupQueryAttention', 'RotaryEmbedding', 'SkipSimplifiedLayerNormalization']) {
    expect(new Set(on(operator)), operator).toEqual(new Set(['WebGpuExecutionProvider']));
  }
  const elsewhere = ran
    .filter(({ args }) => args?.provider !== 'WebGpuExecutionProvider')
    .map(({ args }) => args?.op_name);
  expect(elsewhere.filter((operator) => operator?.startsWith('Memcpy') !== true)).toEqual([]);
});
