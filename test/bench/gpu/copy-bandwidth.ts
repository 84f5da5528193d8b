/** How fast a device copies its own memory: the measure of how fast it could read weights. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Device } from '../../../language-server/inference/devices/device.js';
import { startRuntime } from '../../../language-server/inference/onnx-session.js';
import { encodeOnnxModel, type OnnxGraph } from '../../../models/convert/onnx-writer.js';
import { median } from '../statistics.js';

const sizes = { full: { floats: 2 ** 25, copies: 32 }, quick: { floats: 2 ** 18, copies: 2 } };
const ROUNDS = 5;

/** Reads and writes each number once; a plain copy might be left out. */
const copying: OnnxGraph = {
  name: 'copy',
  nodes: [{ operator: 'Neg', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} }],
  constants: [],
  inputs: [{ name: 'x', type: 'float32', dimensions: ['rows', 1024] }],
  outputs: [{ name: 'y', type: 'float32', dimensions: ['rows', 1024] }],
};

/** One row, to the processor: it waits for all copies before it. */
const looking: OnnxGraph = {
  name: 'look',
  nodes: [
    { operator: 'Gather', domain: '', inputs: ['x', 'row'], outputs: ['seen'], attributes: { axis: 0 } },
  ],
  constants: [],
  inputs: [
    { name: 'x', type: 'float32', dimensions: ['rows', 1024] },
    { name: 'row', type: 'int32', dimensions: [1] },
  ],
  outputs: [{ name: 'seen', type: 'float32', dimensions: [1, 1024] }],
};

/** Bytes a second, read and written bytes together. */
export async function copyBandwidth(device: Device, quick: boolean): Promise<number> {
  const { floats, copies } = quick ? sizes.quick : sizes.full;
  if (device === 'cpu' || device === 'wasm') return processorBandwidth(floats, copies);
  const folder = await mkdtemp(path.join(tmpdir(), 'candor-copy-'));
  try {
    await writeFile(path.join(folder, 'copy.onnx'), encodeOnnxModel(copying));
    await writeFile(path.join(folder, 'look.onnx'), encodeOnnxModel(looking));
    const runtime = await startRuntime(1, device);
    const copy = await runtime.loadKeeping(path.join(folder, 'copy.onnx'), ['y']);
    const look = await runtime.load(path.join(folder, 'look.onnx'));
    const row = runtime.integers32([0], [1]);
    const times: number[] = [];
    let x = runtime.floats(new Float32Array(floats).fill(1), [floats / 1024, 1024]);
    // The first round uploads, and builds the kernels.
    for (let round = 0; round <= ROUNDS; round++) {
      const began = performance.now();
      for (let index = 0; index < copies; index++) {
        const old = x;
        x = (await copy.run({ x: old })).kept.y!;
        old.dispose();
      }
      await look.run({ x, row });
      if (round > 0) times.push(performance.now() - began);
    }
    x.dispose();
    await Promise.all([copy.release(), look.release()]);
    return (2 * 4 * floats * copies) / (median(times) / 1000);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One thread of JavaScript, which copies as the C library does. */
function processorBandwidth(floats: number, copies: number): number {
  const from = new Float32Array(floats).fill(1);
  const to = new Float32Array(floats).fill(2);
  const times = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    for (let index = 0; index < copies; index++) to.set(from);
    return performance.now() - began;
  });
  return (2 * 4 * floats * copies) / (median(times) / 1000);
}
