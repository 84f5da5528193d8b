/** Propagated keys and values: against a decoder in plain loops, apart from exact ones, and gone with the request. */
import { expect, test } from 'vitest';
import { readBundle } from '../../language-server/inference/bundle.js';
import { never } from '../../language-server/inference/cancellation.js';
import { cappedAt, fullDepth } from '../../language-server/inference/exit-policies.js';
import type { ExitPolicy, Session } from '../../language-server/inference/model.js';
import { loadOnnxModel } from '../../language-server/inference/onnx-model.js';
import { randomModel } from '../../models/convert/random-model.js';
import { plainLogits } from '../models/plain-decoder.js';
import { openRandomEngine } from '../support/open-random-engine.js';
import { largestDifference, step, type Spoken } from '../support/random-engine.js';
import { randomNumbers } from '../support/random-numbers.js';

const engine = openRandomEngine();

const propagating = (depth: number): ExitPolicy => ({
  ...(depth === 4 ? fullDepth : cappedAt(depth)),
  skipped: 'propagated',
});

function randomTokens(seed: number, length: number): readonly number[] {
  const random = randomNumbers(seed);
  return Array.from({ length }, () => 1 + Math.floor(random() * 250));
}

/** What is said after the last of `tokens`, each of which leaves as its policy says. */
async function say(
  session: Session,
  tokens: readonly number[],
  policies: readonly ExitPolicy[],
): Promise<Spoken> {
  let spoken: Spoken | undefined;
  for (const [index, token] of tokens.entries())
    spoken = await step(session, spoken?.branch ?? session.root, token, policies[index]);
  return spoken!;
}

async function plain(prompt: readonly number[], text: readonly number[], depths: readonly number[]) {
  const deep = prompt.map(() => 4);
  const logits = await plainLogits(randomModel(), [...prompt, ...text], { depths: [...deep, ...depths] });
  return Float32Array.from(logits.at(-1)!);
}

test.each([1, 2, 3, 4])('deep tokens see the states with which others left (seed %i)', async (seed) => {
  const random = randomNumbers(seed);
  const prompt = randomTokens(seed, 20);
  const text = randomTokens(seed + 100, 12);
  const depths = text.map((_, at) => (at === 11 ? 4 : 1 + Math.floor(random() * 4)));
  expect(Math.min(...depths)).toBeLessThan(4);
  using session = await engine.model.open([...prompt, text[0]!], never);
  const { logits, exit } = await say(session, text, depths.map(propagating));
  expect(exit).toBe(4);
  expect(largestDifference(logits, await plain(prompt, text, depths))).toBeLessThan(1e-3);
  const filled = await say(
    session,
    text,
    depths.map((depth) => (depth === 4 ? fullDepth : cappedAt(depth))),
  );
  const whole = text.map(() => 4);
  expect(largestDifference(filled.logits, await plain(prompt, text, whole))).toBeLessThan(1e-3);
  expect(largestDifference(filled.logits, logits)).toBeGreaterThan(1e-3);
});

test('what has been propagated once is not taken for exact when a later token asks for that', async () => {
  const prompt = randomTokens(5, 20);
  const text = randomTokens(105, 3);
  using session = await engine.model.open([...prompt, text[0]!], never);
  const { logits } = await say(session, text, [propagating(1), propagating(2), fullDepth]);
  // The second was filled in by the third, but over what had been propagated of the first.
  expect(largestDifference(logits, await plain(prompt, text, [1, 4, 4]))).toBeLessThan(1e-3);
});

test('nothing that rests on propagated rows outlives the request', async () => {
  const prompt = randomTokens(6, 20);
  const text = [prompt.at(-1)!, ...randomTokens(106, 3)];
  {
    using session = await engine.model.open(prompt, never);
    await say(session, text, [4, 1, 4, 4].map(propagating));
  }
  using next = await engine.model.open([...prompt, ...text.slice(1), 99], never);
  expect(next.reading.reusedTokens).toBe(20);
});

test('without the graphs, skipped layers are filled in', async () => {
  const bundle = await readBundle(engine.folder);
  expect(bundle.propagation).toHaveLength(3);
  const without = await loadOnnxModel({ ...bundle, propagation: undefined }, { threads: 1 });
  expect([engine.model.propagates, without.propagates]).toEqual([true, false]);
  const prompt = randomTokens(7, 20);
  const text = randomTokens(107, 3);
  using session = await without.open([...prompt, text[0]!], never);
  const { logits } = await say(session, text, [1, 2, 4].map(propagating));
  expect(largestDifference(logits, await plain(prompt, text, [4, 4, 4]))).toBeLessThan(1e-3);
  await without.release();
});
