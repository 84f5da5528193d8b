/**
 * Graphs for WebAssembly: read back as they were written, and made of exactly the numbers that the codes stand for. The
 * native kernel differs from them by its own rounding of inputs, and by no more.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startRuntime, type Runtime } from '../../language-server/inference/onnx-session.js';
import { startWebRuntime } from '../../language-server/inference/web-session.js';
import { readBundle } from '../../language-server/inference/bundle.js';
import { decodeOnnxModel } from '../../models/convert/onnx-reader.js';
import { encodeOnnxModel, type OnnxGraph, type OnnxTensor } from '../../models/convert/onnx-writer.js';
import { productReader } from '../../models/convert/read-nbits.js';
import { packNibbles, unpackNibbles } from '../../models/convert/quantise.js';
import { floatGraph, readWebGraph } from '../../models/convert/web-graph.js';
import { withoutTheUnused } from '../../models/convert/without-unused.js';
import { randomNumbers } from '../support/random-numbers.js';

const shipped = path.resolve(import.meta.dirname, '../../models/smollm2-135m');
const scratch = mkdtempSync(path.join(tmpdir(), 'candor-web-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

test.each(readdirSync(shipped).filter((file) => file.endsWith('.onnx')))(
  '%s is read as it was written, to the byte',
  (file) => {
    const bytes = readFileSync(path.join(shipped, file));
    expect(Buffer.compare(bytes, encodeOnnxModel(decodeOnnxModel(bytes)))).toBe(0);
  },
);

test.each([
  ['half of one', readFileSync(path.join(shipped, 'block-0.onnx')).subarray(0, 20_000)],
  ['noise', Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 73) % 251))],
  ['nothing', Buffer.alloc(0)],
])('%s is refused in words', (_, bytes) => {
  expect(() => decodeOnnxModel(bytes)).toThrow(/model|field|attribute|numbers/i);
});

test('codes of four bits are unpacked as they were packed', () => {
  const codes = Uint8Array.from({ length: 256 }, (_, index) => (index * 7) % 16);
  expect(unpackNibbles(packNibbles(codes))).toEqual(codes);
});

const contentOf = ({ content }: OnnxTensor): Uint8Array =>
  content instanceof Uint8Array
    ? content
    : readFileSync(path.join(shipped, content.file)).subarray(
        content.offset,
        content.offset + content.length,
      );

test('no codes are left in a block, nor the block sums that belong to them', async () => {
  const { firstLayer, endLayer } = (await readBundle(shipped)).blocks[1]!;
  const block = decodeOnnxModel(readFileSync(path.join(shipped, 'block-1.onnx')));
  const made = floatGraph(block, contentOf);
  const count = ({ nodes }: OnnxGraph, operator: string) =>
    nodes.filter((node) => node.operator === operator).length;
  const products = count(block, 'MatMulNBits');
  expect(products).toBe((endLayer - firstLayer) * 4);
  expect(count(made, 'MatMulNBits')).toBe(0);
  expect(count(made, 'FusedMatMul') - count(block, 'FusedMatMul')).toBe(products);
  expect(made.constants.filter(({ name }) => /block_sums|codes$|scales|zeros/.test(name))).toEqual([]);
  expect({ inputs: made.inputs, outputs: made.outputs }).toEqual({
    inputs: block.inputs,
    outputs: block.outputs,
  });
});

/** Of the model that ships. */
const WIDTH = 576;

/** The first product of a shipped graph by itself, in a folder with its weights: `x` to `y`. */
function firstProduct(file: string, data: string): { graph: OnnxGraph; file: string } {
  const whole = decodeOnnxModel(readFileSync(path.join(shipped, file)));
  const product = whole.nodes.find(({ operator }) => operator === 'MatMulNBits')!;
  const joined = whole.nodes.find(({ outputs }) => outputs.includes(product.inputs[0]!))!;
  const x = joined.operator === 'Concat' ? joined.inputs[0]! : product.inputs[0]!;
  const nodes = whole.nodes.filter(({ outputs }) => !outputs.includes(x));
  const graph = withoutTheUnused({
    ...whole,
    nodes,
    inputs: [{ name: x, type: 'float32', dimensions: [1, 'S', WIDTH] }],
    outputs: [
      { name: product.outputs[0]!, type: 'float32', dimensions: [1, 'S', Number(product.attributes.N)] },
    ],
  });
  const target = path.join(scratch, file);
  writeFileSync(target, encodeOnnxModel(graph));
  copyFileSync(path.join(shipped, data), path.join(scratch, data));
  return { graph, file: target };
}

test.each([
  ['block-3.onnx', 'block-3.bin'],
  ['head.onnx', 'embedding.bin'],
])(
  'a product of %s differs from the native one by the rounding of its inputs',
  async (name, data) => {
    const rows = 3;
    const { graph, file } = firstProduct(name, data);
    const [input, output] = [graph.inputs[0]!.name, graph.outputs[0]!.name];
    const random = randomNumbers(5);
    const x = Float32Array.from({ length: rows * WIDTH }, () => 4 * random() - 2);
    const run = async (runtime: Runtime): Promise<Float32Array> => {
      const loaded = await runtime.load(file);
      const { [output]: y } = await loaded.run({ [input]: runtime.floats(x, [1, rows, WIDTH]) });
      await loaded.release();
      return y!;
    };
    const web = await run(await startWebRuntime(await readBundle(shipped), 1, readWebGraph));
    const native = await run(await startRuntime(1));

    const product = graph.nodes.find(({ operator }) => operator === 'MatMulNBits')!;
    const { values, rows: count } = productReader(graph, contentOf)(product);
    const weights = values();
    // Without the node that joins them, inputs and their block sums are columns like others: as the kernel sees them.
    const apart = { ...graph, nodes: graph.nodes.filter(({ operator }) => operator !== 'Concat') };
    const { values: wideValues, columns } = productReader(apart, contentOf)(product);
    const wide = wideValues();
    let furthest = 0;
    for (let row = 0; row < rows; row++) {
      const inputs = x.subarray(row * WIDTH, (row + 1) * WIDTH);
      const steps = stepsOf(withBlockSums(inputs, columns));
      for (let column = 0; column < count; column++) {
        const own = weights.subarray(column * WIDTH, (column + 1) * WIDTH);
        const [exact, size] = sumOf(own, inputs);
        const at = row * count + column;
        if (Math.abs(web[at]! - exact) > 1e-5 * size) expect(web[at]).toBeCloseTo(exact, 5);
        const codes = wide.subarray(column * columns, (column + 1) * columns);
        const bound = codes.reduce((sum, weight, index) => sum + Math.abs(weight) * steps[index >> 5]!, 0);
        furthest = Math.max(furthest, Math.abs(native[at]! - web[at]!) / (bound + 1e-5 * size));
      }
    }
    // Roundings of a sum cancel out for the most part: it comes nowhere near the bound, and is not nothing.
    expect(furthest).toBeLessThan(1);
    expect(furthest).toBeGreaterThan(0.01);
  },
  600_000,
);

/** What a row of inputs becomes in a folded product: the sums of its blocks of 32 behind it, then zeros. */
function withBlockSums(inputs: Float32Array, columns: number): Float32Array {
  const wide = new Float32Array(columns);
  wide.set(inputs);
  if (columns > WIDTH) inputs.forEach((value, index) => (wide[WIDTH + (index >> 5)]! += value));
  return wide;
}

/** The kernel rounds inputs to 127 steps either way, in blocks of 32: by half a step of each block. */
function stepsOf(inputs: Float32Array): Float32Array {
  return Float32Array.from({ length: inputs.length / 32 }, (_, block) => {
    const part = inputs.subarray(block * 32, (block + 1) * 32);
    return part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 254;
  });
}

/** The sum of products, and that of their sizes, in double precision. */
function sumOf(weights: Float32Array, inputs: Float32Array): readonly [sum: number, size: number] {
  let [sum, size] = [0, 0];
  for (let index = 0; index < weights.length; index++) {
    sum += weights[index]! * inputs[index]!;
    size += Math.abs(weights[index]! * inputs[index]!);
  }
  return [sum, size];
}
