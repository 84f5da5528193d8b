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
function differences(ours: Float32Array): { most: number; mean: number } {
  const all = theirs.flatMap((row) => [...row]);
  const rms = (values: readonly number[]): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  const spread = rms(all);
  const off = all.map((value, at) => Math.abs(value - ours[at]!) / spread);
  return { most: off.reduce((most, value) => Math.max(most, value), 0), mean: rms(off) };
}

test(`${size} in float32`, { timeout: 1_800_000 }, async () => {
  const { most, mean } = differences(await logitsOf('fp32'));
  if (size !== '0.5b') console.log(`float32: largest ${most}, root of mean square ${mean}`);
  expect(most).toBeLessThan(1e-3);
});

test(`${size} as a bundle keeps it`, { timeout: 1_800_000 }, async () => {
  const { most, mean } = differences(await logitsOf('kept'));
  if (size !== '0.5b') console.log(`as kept: largest ${most}, root of mean square ${mean}`);
  // Eight bits in blocks of 32 are off by a step's share of 1 / √12, 0.47 % of a value, in what is multiplied and, where
  // they are rounded anew, in weights; a few layers' worth of that reaches the end of a network with normed inputs.
  // The larger ones have Q4_K as well, of which the test only says that it was no more than what 1.5b had, twice over.
  expect(mean).toBeLessThan(size === '0.5b' ? 0.02 : 0.06);
});
