/** Files of floats: their bundles hold the same floats and compute in float32, on every kind of runtime. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readBundle } from '../../language-server/inference/bundle.js';
import { startRuntime, type Runtime } from '../../language-server/inference/onnx-session.js';
import { startWebRuntime } from '../../language-server/inference/web-session.js';
import { formatFor } from '../../models/convert/choose-format.js';
import { dequantise } from '../../models/convert/dequantise.js';
import type { ModelSource, TensorType } from '../../models/convert/model-source.js';
import { openGguf } from '../../models/convert/read-gguf.js';
import { readWebGraph } from '../../models/convert/web-graph.js';
import { addModel } from '../../models/manage/add-model.js';
import { writeRandomGguf } from './beside-llama.js';
import { SMALL, type RandomGguf } from './random-gguf.js';
import { randomNumbers } from './random-tensors.js';

const folder = mkdtempSync(path.join(tmpdir(), 'candor-floats-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let files = 0;
const random = (type: RandomGguf['type']): string =>
  writeRandomGguf(folder, String(files++), { family: 'llama', type, untied: true });

describe.each<[TensorType, number]>([
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
])('%s', (type, bytesPerValue) => {
  test('is kept without rounding a number, in as many bytes, and multiplied alike natively and by WebAssembly', async () => {
    const file = random(() => type);
    const added = await addModel({ from: file, store: path.join(folder, `store-${files++}`) });
    expect(added.bundle.weights).toBe('fp32');
    expect(added.report.requantisedTensors).toBe(0);
    await using source = await openGguf(file);
    const { rows, columns } = source.shape('output.weight')!;
    expect(statSync(path.join(added.folder, 'head.bin')).size).toBeLessThan(
      rows * columns * bytesPerValue + 2000,
    );

    const x = Float32Array.from({ length: columns }, randomNumbers(7));
    const logits = async (runtime: Runtime): Promise<Float32Array> => {
      const head = await runtime.load(path.join(added.folder, 'head.onnx'));
      const { logits: found } = await head.run({ x: runtime.floats(x, [1, 1, columns]) });
      await head.release();
      return found!;
    };
    const matrix = dequantise(await source.tensor('output.weight'));
    const gain = dequantise(await source.tensor('output_norm.weight'));
    const size = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / columns + 1e-6);
    const expected = Array.from({ length: rows }, (_, row) =>
      x.reduce((sum, value, i) => sum + (value / size) * gain[i]! * matrix[row * columns + i]!, 0),
    );
    const bundle = await readBundle(added.folder);
    for (const runtime of [await startRuntime(1), await startWebRuntime(bundle, 1, readWebGraph)]) {
      const found = await logits(runtime);
      const off = expected.map((value, row) => Math.abs(value - found[row]!));
      expect(Math.max(...off)).toBeLessThan(1e-3);
    }
  });
});

test('one matrix in blocks, a wish, or a model too large for it: floats are rounded to eight bits', async () => {
  await using mixed = await openGguf(random((matrix) => (matrix === 'blk.1.ffn_up' ? 'Q8_0' : 'F16')));
  expect(formatFor(mixed, 'kept')).toBe('kept');
  await using floats = await openGguf(random((matrix) => (matrix === 'output' ? 'BF16' : 'F16')));
  expect(formatFor(floats, 'kept')).toBe('fp32');
  expect(formatFor(floats, 'q8-b32')).toBe('q8-b32');
  const large: ModelSource = {
    ...floats,
    shape: (name) =>
      name === 'output.weight' ? { rows: 2e6, columns: SMALL.hidden, type: 'F16' } : floats.shape(name),
  };
  expect(formatFor(large, 'kept')).toBe('fp32');
  const larger: ModelSource = {
    ...floats,
    shape: (name) =>
      name === 'output.weight' ? { rows: 3e6, columns: SMALL.hidden, type: 'F16' } : floats.shape(name),
  };
  expect(formatFor(larger, 'kept')).toBe('kept');
});
