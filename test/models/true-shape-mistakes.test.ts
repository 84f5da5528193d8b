/**
 * That tests in the true shape would notice: the file of true-shape-decided.test.ts, read with one mistake each. Those
 * in all layers change continuations; the others, down to one wrong block of 32 numbers among 494 million, change the
 * logits of a float32 bundle by more than true-shape.test.ts allows. Runs when CANDOR_PROMPTS says with how many prompts
 * (100 take half a minute a mistake).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelSource } from '../../models/convert/model-source.js';
import { promptOf } from '../../models/convert/prompt-format.js';
import { openGguf, type GgufSource } from '../../models/convert/read-gguf.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { loadWholeText } from '../../models/evaluate/whole-text.js';
import { continuedByBundle, continuedByLlama, equalTokens, writeDecidedGguf } from './decided-shape.js';
import { MISTAKES, SLIGHT_MISTAKES } from './mistakes.js';

const prompts = Number(process.env.CANDOR_PROMPTS ?? 0);
const PATIENCE = { timeout: 3_600_000 };

describe.skipIf(prompts === 0)('a mistake is noticed (skipped without CANDOR_PROMPTS)', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'candor-mistakes-'));
  const bundle = path.join(folder, 'bundle');
  let source: GgufSource;
  beforeAll(async () => {
    const file = path.join(folder, 'decided.gguf');
    writeDecidedGguf(file, 'q8_0');
    source = await openGguf(file);
  }, PATIENCE.timeout);
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('by continuations', () => {
    let theirs: number[][];
    beforeAll(async () => {
      const file = path.join(folder, 'decided.gguf');
      theirs = await continuedByLlama(file, source.architecture.vocabulary, prompts);
    }, PATIENCE.timeout);

    test.each(Object.entries({ ...MISTAKES, ...SLIGHT_MISTAKES }))('%s', PATIENCE, async (name, mistake) => {
      const { continued } = await continuedByBundle(mistake(source), bundle, prompts);
      rmSync(bundle, { recursive: true });
      const equal = equalTokens(continued, theirs);
      console.log(JSON.stringify({ name, equal, of: prompts }));
      if (name in MISTAKES) expect(equal.prompts).toBeLessThan(0.9 * prompts);
    });
  });

  describe('by logits in float32', () => {
    let right: Float32Array;
    beforeAll(async () => {
      right = await logitsOf(source);
    }, PATIENCE.timeout);

    test.each(Object.entries(SLIGHT_MISTAKES))('%s', PATIENCE, async (name, mistake) => {
      const wrong = await logitsOf(mistake(source));
      const deviation = Math.sqrt(right.reduce((sum, value) => sum + value * value, 0) / right.length);
      const most = right.reduce((found, value, at) => Math.max(found, Math.abs(value - wrong[at]!)), 0);
      console.log(JSON.stringify({ name, most: most / deviation }));
      expect(most / deviation).toBeGreaterThan(1e-3);
    });
  });

  async function logitsOf(of: ModelSource): Promise<Float32Array> {
    await writeBundle(of, bundle, { weights: 'fp32', exits: [1, 24], prompt: promptOf(of.vocabulary) });
    const model = await loadWholeText(bundle, 1);
    const logits = await model.head(await model.read([5, 7000, 151_000, 33, 262, 18]));
    await model.release();
    rmSync(bundle, { recursive: true });
    return logits;
  }
});
