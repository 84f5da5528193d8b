/** Whatever is done with a session, reading ahead changes nothing of what it says: on processors, not a bit. */
import { describe, expect, test } from 'vitest';
import { readBundle } from '../../../language-server/inference/bundle.js';
import type { Drafter } from '../../../language-server/inference/model.js';
import { loadOnnxModel, type OnnxModel } from '../../../language-server/inference/onnx-model.js';
import { speculating } from '../../../language-server/inference/speculation/speculative-model.js';
import { openRandomEngine } from '../../support/open-random-engine.js';
import { largestDifference } from '../../support/random-engine.js';
import { followerOf, walk } from '../../support/random-walk.js';

const engine = openRandomEngine();

/** Tokens that the prompt does not hold otherwise, so that nothing can be looked up at first. */
const prompt = Array.from({ length: 40 }, (_, index) => 200 + index);
/** Enough to fill tiles. */
const TURNS = 120;

/** Mostly right about what follows a token, and always sure. */
const drafter: Drafter = {
  next: (state, token) =>
    Promise.resolve({ state, guess: { token: token % 5 === 0 ? 9 : followerOf(token), chance: 0.9 } }),
};

/** By how much the two differ at most, and how many guesses held. */
async function compared(model: OnnxModel, seed: number) {
  const plain = await walk(model, prompt, TURNS, seed);
  const { layers, exits, maxTokens } = model;
  const ahead = await walk(
    speculating({ layers, exits, maxTokens, drafter, open: (...asked) => model.open(...asked) }),
    prompt,
    TURNS,
    seed,
  );
  expect(ahead.said).toHaveLength(plain.said.length);
  expect(ahead.reusedTokens).toBe(plain.reusedTokens);
  const { guessed, held } = ahead.speculated!;
  expect(held).toBeGreaterThan(10);
  expect(guessed).toBeGreaterThan(held + 10);
  return Math.max(...ahead.said.map((logits, turn) => largestDifference(logits, plain.said[turn]!)));
}

test.each([1, 2, 3, 4])('on processors (seed %i)', async (seed) => {
  expect(await compared(engine.model, seed)).toBe(0);
});

describe('where the cache stays on a graphics card', () => {
  test.each([1, 2])('but for last bits (seed %i)', async (seed) => {
    const model = await loadOnnxModel(await readBundle(engine.folder), { threads: 1, grouped: 'float32' });
    try {
      expect(await compared(model, seed)).toBeLessThan(1e-3);
    } finally {
      await model.release();
    }
  });
});
