/**
 * Random weights in the true shape of Qwen2.5-Coder 0.5B, stored as llama.cpp stores them in each of its types and mixes,
 * beside llama.cpp and beside exact numbers: how often each says the same next token. Runs when CANDOR_PROMPTS says with
 * how many prompts; `-t f16` runs one type, which takes about ten seconds a prompt and 8 GB of memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGguf } from '../../models/convert/read-gguf.js';
import { besideLlama } from './beside-llama.js';
import { SHAPED_MIXES, writeShapedGguf } from './shaped-gguf.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'candor-shape-llama-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const prompts = Number(process.env.CANDOR_PROMPTS ?? 0);

describe.skipIf(prompts === 0)(
  'as near to exact numbers as llama.cpp (skipped without CANDOR_PROMPTS)',
  () => {
    test.each(SHAPED_MIXES)('%s.', { timeout: 7_200_000 }, async (mix) => {
      const file = path.join(folder, 'shaped.gguf');
      // As in trained models, embeddings are small beside what layers add: else a tied head repeats the last token. The
      // last norm's gain gives logits a spread of about 2.4, as many nats.
      writeShapedGguf(file, '0.5b', mix, 1, { embeddingSpread: 0.02, lastGain: 4 });
      await using source = await openGguf(file);
      const found = await besideLlama(source, file, {
        weights: 'kept',
        prompts,
        length: 24,
        continuation: 1,
        thorough: true,
      });
      console.log(JSON.stringify({ mix, ...found }));
      const [ours, theirs] = [found.first!['ours, exact'], found.first!['llama.cpp, exact']];
      if (ours === undefined || theirs === undefined) {
        // Floats: exact in a bundle, and nearly so in llama.cpp.
        expect(found.same / found.tokens).toBeGreaterThanOrEqual(0.98);
        return;
      }
      // Two counts of the same chance differ by a standard deviation of √(2 n p (1 - p)); four of them are no accident.
      const share = (ours + theirs) / 2 / prompts;
      expect(theirs - ours).toBeLessThanOrEqual(4 * Math.sqrt(2 * prompts * share * (1 - share)));
    });
  },
);
