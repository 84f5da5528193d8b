/**
 * Random weights in the true shape of Qwen2.5-Coder 0.5B, stored as llama.cpp's q4_k_m stores them: the bundle computes
 * what plain loops over the file's own numbers compute. CANDOR_SHAPE=1.5b does the same with the larger one, which
 * takes about 10 GB of memory and as much of the disk.
 */
import { mkdtempSync, rmSync } from 'node:fs';
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
const folder = mkdtempSync(path.join(tmpdir(), 'candor-shape-'));
const file = path.join(folder, 'shaped.gguf');
const tokens = [5, 7000, 151_000, 33, 262, 18];
let source: GgufSource;
let theirs: readonly Float64Array[];
beforeAll(async () => {
  writeShapedGguf(file, size, 'q4_k_m');
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

/** Differences in shares of the logits' standard deviation: the largest, and the root of the mean square. */
function differences(ours: (row: number, column: number) => number): { most: number; mean: number } {
  let [most, squares, spread, count] = [0, 0, 0, 0];
  for (const [row, values] of theirs.entries()) {
    for (const [column, value] of values.entries()) {
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

async function differencesOf(weights: WeightFormat): Promise<{ most: number; mean: number }> {
  const logits = await logitsOf(weights);
  return differences((row, column) => logits[row * source.architecture.vocabulary + column]!);
}

test(`${size} in float32`, { timeout: 1_800_000 }, async () => {
  const { most, mean } = await differencesOf('fp32');
  console.log(`${size} in float32: largest difference ${most}, root of mean square ${mean}`);
  expect(most).toBeLessThan(1e-3);
});

test(`${size} as a bundle keeps it`, { timeout: 1_800_000 }, async () => {
  const noisy = await plainLogits(source, tokens, noiseOfKept(source));
  const expected = differences((row, column) => noisy[row]![column]!).mean;
  const { mean } = await differencesOf('kept');
  console.log(`${size} as kept: root of mean square ${mean}, expected of its formats ${expected}`);
  // Six tokens of hundreds of dimensions each: two draws of the same noise come out nearly alike.
  expect(mean).toBeLessThan(1.25 * expected);
  expect(mean).toBeGreaterThan(0.75 * expected);
});
