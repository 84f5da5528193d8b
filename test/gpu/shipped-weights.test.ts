/**
 * The 4-bit weights that ship, on WebGPU. Processors round activations to 8 bits inside MatMulNBits and cards do not,
 * so that the two may differ by some per cent; with that rounding switched off, they must say the same.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBundle, type BundleArchitecture } from '../../language-server/inference/bundle.js';
import { startRuntime, type Feed, type Runtime } from '../../language-server/inference/onnx-session.js';
import { randomNumbers } from '../support/random-numbers.js';
import { adapterVariables, scratchFolder } from './software-adapter.js';

const shipped = path.resolve(import.meta.dirname, '../../models/smollm2-135m');
const folder = scratchFolder();
const past = 16;
let architecture: BundleArchitecture;
let layers: number;

beforeAll(async () => {
  Object.assign(process.env, adapterVariables());
  const bundle = await readBundle(shipped);
  architecture = bundle.architecture;
  layers = bundle.blocks[0]!.endLayer;
  const { file, files } = { file: bundle.grouped![0]!.blocks[0]!, files: ['block-0.bin', 'rotary.bin'] };
  for (const one of files) copyFileSync(path.join(shipped, one), path.join(folder, one));
  writeFileSync(path.join(folder, 'block.onnx'), inFullPrecision(readFileSync(path.join(shipped, file))));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([1, 8])('a block says on WebGPU what it says on the processor, %i rows at once', async (rows) => {
  const processor = await run(await startRuntime(1), rows);
  const card = await run(await startRuntime(1, 'webgpu'), rows);
  const size = Math.hypot(...processor);
  expect(size).toBeGreaterThan(1);
  expect(Math.hypot(...processor.map((value, index) => value - card[index]!)) / size).toBeLessThan(1e-4);
});

/** The graph with the attribute `accuracy_level` of its products at 0 in place of 4, as protobuf encodes it. */
function inFullPrecision(graph: Buffer): Buffer {
  const copy = Buffer.from(graph);
  const rounded = Buffer.from('accuracy_level\x18\x04', 'latin1');
  let products = 0;
  for (let at = copy.indexOf(rounded); 0 <= at; at = copy.indexOf(rounded, at + 1)) {
    copy[at + rounded.length - 1] = 0;
    products += 1;
  }
  expect(products).toBe(4 * layers);
  return copy;
}

/** The block's output [rows, hidden] behind random rows of a cache. */
async function run(runtime: Runtime, rows: number): Promise<Float32Array> {
  const { hidden, keyValueHeads, headSize } = architecture;
  const random = randomNumbers(20_261);
  const numbers = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
  const all = past + rows;
  const mask = Float32Array.from({ length: rows * all }, (_, at) =>
    at % all > past + Math.floor(at / all) ? -1e9 : 0,
  );
  const feeds: Record<string, Feed> = {
    x: runtime.floats(numbers(rows * hidden), [1, rows, hidden]),
    position_ids: runtime.integers(
      Array.from({ length: rows }, (_, row) => past + row),
      [1, rows],
    ),
    attn_bias: runtime.floats(mask, [1, 1, rows, all]),
    seqlens_k: runtime.integers32([all - 1], [1]),
    total_len: runtime.integers32([all], [1]),
  };
  const cache = () =>
    runtime.floats(numbers(keyValueHeads * all * headSize), [1, keyValueHeads, all, headSize]);
  for (let layer = 0; layer < layers; layer++)
    Object.assign(feeds, { [`pk${layer}`]: cache(), [`pv${layer}`]: cache() });
  const graph = await runtime.load(path.join(folder, 'block.onnx'));
  const { y } = await graph.run(feeds);
  await graph.release();
  return y!;
}
