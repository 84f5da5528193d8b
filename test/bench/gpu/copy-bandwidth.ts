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

/**
 * Numbers made on the device, copied so many times, and one row of them handed to the processor, which waits for all.
 * One graph, since some devices hand out no memory of their own, and starting a graph takes as long as a copy on fast
 * ones. Neg reads and writes each number once; a plain copy might be left out.
 */
function copying(copies: number): OnnxGraph {
  const node = (operator: string, inputs: readonly string[], output: string) => ({
    operator,
    domain: '',
    inputs,
    outputs: [output],
    attributes: operator === 'Gather' ? { axis: 0 } : {},
  });
  return {
    name: 'copy',
    nodes: [
      node('Expand', ['x', 'shape'], 'copy0'),
      ...Array.from({ length: copies }, (_, index) => node('Neg', [`copy${index}`], `copy${index + 1}`)),
      node('Gather', [`copy${copies}`, 'row'], 'seen'),
    ],
    constants: [],
    inputs: [
      { name: 'x', type: 'float32', dimensions: [1, 1024] },
      { name: 'shape', type: 'int64', dimensions: [2] },
      { name: 'row', type: 'int32', dimensions: [1] },
    ],
    outputs: [{ name: 'seen', type: 'float32', dimensions: [1, 1024] }],
  };
}

/** Bytes a second, read and written bytes together. */
export async function copyBandwidth(device: Device, quick: boolean): Promise<number> {
  const { floats, copies } = quick ? sizes.quick : sizes.full;
  if (device === 'cpu' || device === 'wasm') return processorBandwidth(floats, copies);
  const folder = await mkdtemp(path.join(tmpdir(), 'candor-copy-'));
  try {
    const file = path.join(folder, 'copy.onnx');
    await writeFile(file, encodeOnnxModel(copying(copies)));
    const runtime = await startRuntime(1, device);
    const graph = await runtime.load(file);
    const feeds = {
      x: runtime.floats(new Float32Array(1024).fill(1), [1, 1024]),
      shape: runtime.integers([floats / 1024, 1024], [2]),
      row: runtime.integers32([0], [1]),
    };
    const times: number[] = [];
    // In the first round kernels are built, and memory is found.
    for (let round = 0; round <= ROUNDS; round++) {
      const began = performance.now();
      const { seen } = await graph.run(feeds);
      if (seen?.[0] !== (-1) ** copies) throw new Error('The numbers were not copied.');
      if (round > 0) times.push(performance.now() - began);
    }
    await graph.release();
    // And written once before the copies.
    return (4 * floats * (2 * copies + 1)) / (median(times) / 1000);
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
