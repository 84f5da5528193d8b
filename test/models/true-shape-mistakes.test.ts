/**
 * That true-shape-decided.test.ts would notice: the same file and prompts, read with one mistake each. Runs when
 * CANDOR_PROMPTS says with how many prompts (about a minute for 50 and a mistake).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGguf, type GgufSource } from '../../models/convert/read-gguf.js';
import { continuedByBundle, continuedByLlama, equalTokens, writeDecidedGguf } from './decided-shape.js';
import { MISTAKES } from './mistakes.js';

const prompts = Number(process.env.CANDOR_PROMPTS ?? 0);

describe.skipIf(prompts === 0)('a mistake changes continuations (skipped without CANDOR_PROMPTS)', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'candor-mistakes-'));
  let source: GgufSource;
  let theirs: number[][];
  beforeAll(async () => {
    const file = path.join(folder, 'decided.gguf');
    writeDecidedGguf(file, 'q8_0');
    source = await openGguf(file);
    theirs = await continuedByLlama(file, source.architecture.vocabulary, prompts);
  }, 3_600_000);
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(Object.entries(MISTAKES))('%s', { timeout: 3_600_000 }, async (name, mistake) => {
    const bundle = path.join(folder, 'mistaken');
    const { continued } = await continuedByBundle(mistake(source), bundle, prompts);
    rmSync(bundle, { recursive: true });
    const equal = equalTokens(continued, theirs);
    console.log(JSON.stringify({ name, equal, of: prompts }));
    expect(equal.prompts).toBeLessThan(0.9 * prompts);
  });
});
