/**
 * Random weights in the true shape of Qwen2.5-Coder 0.5B, stored as llama.cpp's q4_k_m stores them: the bundle computes
 * what plain loops over the file's own numbers compute. CANDOR_SHAPE=1.5b does the same with the larger one, which
 * takes about 10 GB of memory and as much of the disk; CANDOR_MIX=q6_k with another type or mix.
 * CANDOR_PYTHON=PYTHON has Hugging Face's transformers compute it too (models/recipe/write_qwen2_logits.py says what
 * that Python needs).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { promptOf } from '../../models/convert/prompt-format.js';
import { openGguf, type GgufSource } from '../../models/convert/read-gguf.js';
import type { WeightFormat } from '../../models/convert/weight-formats.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { loadWholeText } from '../../models/evaluate/whole-text.js';
import { plainLogits } from './plain-decoder.js';
import { noiseOfKept } from './rounding-noise.js';
import { writeShapedGguf } from './shaped-gguf.js';

const size = process.env.CANDOR_SHAPE ?? '0.5b';
const mix = process.env.CANDOR_MIX ?? 'q4_k_m';
const folder = mkdtempSync(path.join(tmpdir(), 'candor-shape-'));
const file = path.join(folder, 'shaped.gguf');
const tokens = [5, 7000, 151_000, 33, 262, 18];
let source: GgufSource;
let theirs: readonly Float64Array[];
beforeAll(async () => {
  writeShapedGguf(file, size, mix);
  source = await openGguf(file);
  theirs = await plainLogits(source, tokens);
}, 1_800_000);
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function logitsOf(weights: WeightFormat): Promise<Float32Array> {
  const bundle = path.join(folder, weights);
  const { layers } = source.architecture;
  const exits = [1, 2, 3, 4, 5].map((part) => Math.round((part * layers) / 5));
  await writeBundle(source, bundle, { weights, exits, prompt: promptOf(source.vocabulary) });
  const model = await loadWholeText(bundle, 1);
  const logits = await model.head(await model.read(tokens));
  await model.release();
  rmSync(bundle, { recursive: true });
  return logits;
}

type Logits = (row: number, column: number) => number;

/** Differences in shares of the logits' standard deviation: the largest, and the root of the mean square. */
function differences(
  ours: Logits,
  others: Logits = (row, column) => theirs[row]![column]!,
): { most: number; mean: number } {
  let [most, squares, spread, count] = [0, 0, 0, 0];
  for (let row = 0; row < tokens.length; row++) {
    for (let column = 0; column < source.architecture.vocabulary; column++) {
      const value = others(row, column);
      const off = Math.abs(value - ours(row, column));
      most = Math.max(most, off);
      squares += off * off;
      spread += value * value;
      count += 1;
    }
  }
  const deviation = Math.sqrt(spread / count);
  return { most: most / deviation, mean: Math.sqrt(squares / count) / deviation };
}

function among(logits: Float32Array): Logits {
  return (row, column) => logits[row * source.architecture.vocabulary + column]!;
}

test(`${size} in float32`, { timeout: 1_800_000 }, async () => {
  const { most, mean } = differences(among(await logitsOf('fp32')));
  console.log(`${size} ${mix} in float32: largest difference ${most}, root of mean square ${mean}`);
  expect(most).toBeLessThan(1e-3);
});

const python = process.env.CANDOR_PYTHON;
test.skipIf(python === undefined)(`${size} in transformers`, { timeout: 1_800_000 }, async () => {
  const out = path.join(folder, 'logits');
  execFileSync(python!, ['models/recipe/write_qwen2_logits.py', file, out, ...tokens.map(String)]);
  const bytes = readFileSync(out);
  const published = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const loops = differences(among(published));
  const ours = differences(among(await logitsOf('fp32')), among(published));
  console.log(
    `${size} in transformers: largest difference from plain loops ${loops.most}, from ours ${ours.most}`,
  );
  expect(loops.most).toBeLessThan(1e-3);
  expect(ours.most).toBeLessThan(1e-3);
});

test(`${size} as a bundle keeps it`, { timeout: 1_800_000 }, async () => {
  const noisy = await plainLogits(source, tokens, noiseOfKept(source));
  const expected = differences((row, column) => noisy[row]![column]!).mean;
  const { mean } = differences(among(await logitsOf('kept')));
  console.log(`${size} ${mix} as kept: root of mean square ${mean}, expected of its formats ${expected}`);
  // Six tokens of hundreds of dimensions each: two draws of the same noise come out nearly alike.
  expect(mean).toBeLessThan(1.25 * expected);
  // Floats are kept as they are, and graphs add up in better ways than the loops.
  if (!/^b?f\d+$/.test(mix)) expect(mean).toBeGreaterThan(0.75 * expected);
});
