/** The drafter's graph against the same network in plain loops, and what is refused of a drafter's file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBundle } from '../../language-server/inference/bundle.js';
import { startRuntime, type Runtime } from '../../language-server/inference/onnx-session.js';
import { encodeOnnxModel } from '../../models/convert/onnx-writer.js';
import { quantiseSymmetric, quantiseWithZeroPoints, valuesOfCodes } from '../../models/convert/quantise.js';
import { drafterGraph, type DrafterWeights } from '../../models/drafter/drafter-graph.js';
import { readDrafter } from '../../models/drafter/read-drafter.js';
import { addToBundle } from '../../models/exits/add-to-bundle.js';
import { engineOf, randomBundleFolder, removeBundle, step } from '../support/random-engine.js';
import { never } from '../../language-server/inference/cancellation.js';
import { randomNumbers } from '../support/random-numbers.js';

const WIDTH = 64;
const INNER = 96;
const TOKENS = [3, 9, 17, 40, 55, 90, 121, -1];

let runtime: Runtime;
let folder: string;
beforeAll(async () => {
  runtime = await startRuntime(1);
  folder = await mkdtemp(path.join(tmpdir(), 'candor-drafter-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function randomDrafter(seed: number, blocks: number): DrafterWeights {
  const random = randomNumbers(seed);
  const numbers = (count: number, scale: number, mean = 0): Float32Array =>
    Float32Array.from({ length: count }, () => mean + scale * (2 * random() - 1));
  return {
    width: WIDTH,
    normEpsilon: 1e-5,
    stateNorm: numbers(WIDTH, 0.2, 1),
    tokenNorm: numbers(WIDTH, 0.2, 1),
    input: numbers(2 * WIDTH * WIDTH, 0.2),
    blocks: Array.from({ length: blocks }, () => ({
      norm: numbers(WIDTH, 0.2, 1),
      gate: numbers(INNER * WIDTH, 0.2),
      up: numbers(INNER * WIDTH, 0.2),
      down: numbers(INNER * WIDTH, 0.2),
    })),
    outputNorm: numbers(WIDTH, 0.2, 1),
    head: numbers(TOKENS.length * WIDTH, 1),
    tokens: TOKENS,
  };
}

/** The same with what rounding makes of the matrices, in float64. */
function plainly(weights: DrafterWeights, state: Float32Array, token: Float32Array) {
  const rounded = (values: Float32Array, columns: number): Float32Array =>
    valuesOfCodes(quantiseWithZeroPoints(values, values.length / columns, columns, 32), columns);
  const normal = (x: readonly number[], gain: Float32Array): number[] => {
    const scale = 1 / Math.sqrt(x.reduce((sum, one) => sum + one * one, 0) / x.length + weights.normEpsilon);
    return x.map((one, index) => one * scale * gain[index]!);
  };
  const times = (matrix: Float32Array, x: readonly number[]): number[] =>
    Array.from({ length: matrix.length / x.length }, (_, row) =>
      x.reduce((sum, one, column) => sum + one * matrix[row * x.length + column]!, 0),
    );
  const read = [...normal([...state], weights.stateNorm), ...normal([...token], weights.tokenNorm)];
  let next = times(rounded(weights.input, 2 * WIDTH), read);
  for (const block of weights.blocks) {
    const x = normal(next, block.norm);
    const up = times(rounded(block.up, WIDTH), x);
    const wide = times(rounded(block.gate, WIDTH), x).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
    const change = times(rounded(block.down, INNER), wide);
    next = next.map((one, index) => one + change[index]!);
  }
  const head = valuesOfCodes(quantiseSymmetric(weights.head, TOKENS.length, WIDTH, 8, 32), WIDTH);
  const powers = times(head, normal(next, weights.outputNorm)).map(Math.exp);
  const sum = powers.reduce((all, one) => all + one, 0);
  const best = powers.indexOf(Math.max(...powers.slice(0, -1)));
  return { next, guess: TOKENS[best], chance: powers[best]! / sum };
}

describe('the graph', () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 0],
  ])('says what plain loops say (seed %i, %i blocks)', async (seed, blocks) => {
    const weights = randomDrafter(seed, blocks);
    const graph = await runtime.load(encodeOnnxModel(drafterGraph(weights)));
    const random = randomNumbers(seed + 100);
    for (let turn = 0; turn < 5; turn++) {
      const [state, token] = [3, 1].map((scale) =>
        Float32Array.from({ length: WIDTH }, () => scale * (2 * random() - 1)),
      ) as [Float32Array, Float32Array];
      const said = await graph.run({
        state: runtime.floats(state, [1, WIDTH]),
        token: runtime.floats(token, [1, WIDTH]),
      });
      const expected = plainly(weights, state, token);
      const size = Math.max(...expected.next.map(Math.abs));
      said.next!.forEach((value, index) => {
        // Activations are rounded to eight bits.
        expect(Math.abs(value - expected.next[index]!)).toBeLessThan(0.03 * size);
      });
      expect(Math.abs(said.chance![0]! - expected.chance)).toBeLessThan(0.1);
      if (expected.chance > 0.4) expect(said.guess![0]).toBe(expected.guess);
    }
    await graph.release();
  });
});

describe('a bundle with a drafter', () => {
  test('has it beside the network, which says what it said', async () => {
    const bundleFolder = await randomBundleFolder();
    const { architecture } = await readBundle(bundleFolder);
    const weights = { ...randomDrafter(7, 1) };
    expect(architecture.hidden).toBe(WIDTH);
    await addToBundle(
      bundleFolder,
      'drafter.onnx',
      encodeOnnxModel(drafterGraph(weights)),
      (bundle, file) => ({
        ...bundle,
        drafter: { file },
      }),
    );
    const model = await engineOf(bundleFolder);
    using session = await model.open([5, 6, 7], never);
    const spoken = await step(session, session.root, 7);
    const { state, guess } = await model.drafter!.next(spoken.hidden!, 9);
    expect(state).toHaveLength(WIDTH);
    expect(TOKENS.slice(0, -1)).toContain(guess.token);
    session[Symbol.dispose]();
    await model.release();
    await removeBundle(bundleFolder);
  });
});

describe('a file', () => {
  const trunk = {
    architecture: { hidden: 4, vocabulary: 10, normEpsilon: 1e-5 },
    embedding: {
      width: 4,
      write: (mixture: readonly (readonly [number, number])[], target: Float32Array, offset: number) => {
        target.fill(mixture[0]![0], offset, offset + 4);
      },
    },
  };
  const tensors: Record<string, readonly number[]> = {
    state_norm: [1, 1, 1, 1],
    token_norm: [1, 1, 1, 2],
    output_norm: [1, 1, 1, 3],
    other: [4, 4, 4, 4],
    'in.weight': Array.from({ length: 32 }, (_, index) => index),
    'blocks.0.norm': [1, 1, 1, 1],
    'blocks.0.gate': [1, 2, 3, 4, 5, 6, 7, 8],
    'blocks.0.up': [1, 2, 3, 4, 5, 6, 7, 8],
    'blocks.0.down': [1, 2, 3, 4, 5, 6, 7, 8],
    tokens: [2, 7],
  };
  async function fileOf(changes: Record<string, readonly number[] | undefined>): Promise<string> {
    const header: Record<string, unknown> = {};
    const parts: Buffer[] = [];
    let end = 0;
    for (const [name, values] of Object.entries({ ...tensors, ...changes })) {
      if (!values) continue;
      const bytes = Buffer.from(Float32Array.from(values).buffer);
      header[name] = { dtype: 'F32', shape: [values.length], data_offsets: [end, (end += bytes.length)] };
      parts.push(bytes);
    }
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    const file = path.join(folder, `${Math.random()}.safetensors`);
    await writeFile(file, Buffer.concat([size, text, ...parts]));
    return file;
  }

  test('gives all matrices, and the rows of the head by its tokens', async () => {
    const read = await readDrafter(await fileOf({}), trunk);
    expect(read.tokens).toEqual([2, 7, -1]);
    expect([...read.head]).toEqual([2, 2, 2, 2, 7, 7, 7, 7, 4, 4, 4, 4]);
    expect(read.blocks).toHaveLength(1);
    expect([...read.blocks[0]!.down]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...read.input].at(-1)).toBe(31);
  });

  test.each([
    ['without a matrix', { 'in.weight': undefined }, 'has no in.weight'],
    ['for another width', { other: [1, 2] }, 'another network'],
    ['for other tokens', { tokens: [2, 10] }, 'guesses token 10'],
    ['with half tokens', { tokens: [2.5] }, 'guesses token 2.5'],
  ])('%s is refused', async (_, changes, message) => {
    await expect(readDrafter(await fileOf(changes), trunk)).rejects.toThrow(message);
  });
});
