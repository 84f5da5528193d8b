/**
 * The converted model is the one that it was converted from: logits and log-probabilities against a PyTorch reference
 * of the same weights, whose answers models/recipe/write_golden.py wrote: of the published GGUF file, and of the weights
 * that ship.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { promptOf } from '../../models/convert/prompt-format.js';
import { openGguf } from '../../models/convert/read-gguf.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { readGolden, readGoldenLogits, shippedGolden } from '../../models/evaluate/golden.js';
import { summary } from '../../models/evaluate/score-passage.js';
import { noSourceGguf, sourceGguf } from '../../models/evaluate/source-gguf.js';
import { loadWholeText, type WholeTextModel } from '../../models/evaluate/whole-text.js';

const golden = readGolden();
const vocabulary = 49_152;
const logits = readGoldenLogits(golden, vocabulary);
/** Enough to see every kind of fault; models/evaluate/compare-source.ts goes through all of them. */
const PROMPTS = 10;

/** Logits of some rows of hidden states. */
async function speak(model: WholeTextModel, hidden: Float32Array, row: number): Promise<Float32Array> {
  const { hidden: width } = model.bundle.architecture;
  return model.head(hidden.slice(row * width, (row + 1) * width));
}

function largestDifference(ours: Float32Array, theirs: Float32Array, ids?: readonly number[]): number {
  return theirs.reduce(
    (most, value, index) => Math.max(most, Math.abs(ours[ids?.[index] ?? index]! - value)),
    0,
  );
}

describe.skipIf(noSourceGguf)(`in float32${noSourceGguf}`, () => {
  let folder: string;
  let model: WholeTextModel;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'candor-fp32-'));
    await using source = await openGguf(sourceGguf());
    const options = { weights: 'fp32', exits: golden.exits, prompt: promptOf(source.vocabulary) } as const;
    await writeBundle(source, join(folder, 'fp32'), options);
    model = await loadWholeText(join(folder, 'fp32'));
  }, 600_000);
  afterAll(async () => {
    await model.release();
    rmSync(folder, { recursive: true, force: true });
  });

  test('logits agree with PyTorch to 1e-3, at full depth and at every exit', async () => {
    for (const [index, { tokens }] of golden.prompts.slice(0, PROMPTS).entries()) {
      const { rows, full, atExits } = logits[index]!;
      const hidden = await model.read(tokens);
      for (const row of rows) {
        const ours = await speak(model, hidden, row.position);
        expect(largestDifference(ours, row.logits, golden.ids)).toBeLessThan(1e-3);
      }
      const last = tokens.length - 1;
      if (full) expect(largestDifference(await speak(model, hidden, last), full)).toBeLessThan(1e-3);
      for (const [exit, theirs] of (atExits ?? []).entries()) {
        const ours = await speak(model, await model.read(tokens, golden.exits[exit]), last);
        expect(largestDifference(ours, theirs, golden.ids)).toBeLessThan(1e-3);
      }
    }
  }, 600_000);
});

describe('as it ships', () => {
  let model: WholeTextModel;
  beforeAll(async () => {
    model = await loadWholeText('models/smollm2-135m');
  });
  afterAll(async () => {
    await model.release();
  });

  test('log-probabilities of the prompts differ from PyTorch no more than models/README.md says', async () => {
    const differences: number[] = [];
    for (const { tokens, logProbs } of readGolden(shippedGolden).prompts) {
      const spoken = await model.head(await model.read(tokens));
      for (const [index, logProb] of logProbs.entries()) {
        const row = spoken.subarray(index * vocabulary, (index + 1) * vocabulary);
        differences.push(row[tokens[index + 1]!]! - summary(row).logSum - logProb);
      }
    }
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    const size = differences.reduce((sum, value) => sum + Math.abs(value), 0) / differences.length;
    // Measured by this test: mean -0.001, mean size 0.046, largest 0.551.
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(size).toBeLessThan(0.07);
    expect(Math.max(...differences.map(Math.abs))).toBeLessThan(0.9);
  }, 600_000);
});
