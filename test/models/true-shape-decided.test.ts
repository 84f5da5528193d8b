/**
 * A bundle and llama.cpp on the same GGUF files in the true shape of Qwen2.5-Coder 0.5B, in each of llama.cpp's types
 * and mixes: the same greedy continuation in at least 98 of 100 prompts. The weights are random, and as decided as a
 * trained model's (paired-embedding.ts; true-shape-llama.test.ts has those that are not). Runs when CANDOR_PROMPTS says
 * with how many prompts; `-t ' f16\.'` runs one type, which takes some minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGguf } from '../../models/convert/read-gguf.js';
import { decided } from '../../models/evaluate/decided.js';
import {
  continuedByBundle,
  continuedByLlama,
  CONTINUATION,
  equalTokens,
  writeDecidedGguf,
} from './decided-shape.js';
import { SHAPED_MIXES } from './shaped-gguf.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'candor-decided-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const prompts = Number(process.env.CANDOR_PROMPTS ?? 0);

describe.skipIf(prompts === 0)('the same continuation (skipped without CANDOR_PROMPTS)', () => {
  test.each(SHAPED_MIXES)('%s.', { timeout: 7_200_000 }, async (mix) => {
    const file = path.join(folder, 'decided.gguf');
    writeDecidedGguf(file, mix);
    await using source = await openGguf(file);
    const theirs = await continuedByLlama(file, source.architecture.vocabulary, prompts);
    const { continued, leads } = await continuedByBundle(source, folder, prompts);
    const equal = equalTokens(continued, theirs);
    console.log(JSON.stringify({ mix, equal, of: prompts, tokens: CONTINUATION, leads: decided(leads) }));
    expect(equal.prompts).toBeGreaterThanOrEqual(0.98 * prompts);
  });
});
