/**
 * Bundles beside llama.cpp on the same GGUF files: the same greedy tokens, and nearly the same probabilities. Random
 * weights of every family; linear, YaRN's and Llama 3's scaling of positions; every storage type. CANDOR_PROMPTS sets
 * how many prompts of each (default 10), and then it is said what was found.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FAMILIES } from '../../models/convert/families.js';
import { TENSOR_TYPES, type ModelSource } from '../../models/convert/model-source.js';
import { openGguf } from '../../models/convert/read-gguf.js';
import { summary } from '../../models/evaluate/score-passage.js';
import { besideLlama, writeRandomGguf, type Compared } from './beside-llama.js';
import { randomPrompts } from './greedy-tokens.js';
import { plainLogits, type Departures } from './plain-decoder.js';
import type { RandomGguf } from './random-gguf.js';
import { geluOfLlama, noiseOfKept, noiseOfLlama } from './rounding-noise.js';

const folder = mkdtempSync(join(tmpdir(), 'candor-llama-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let files = 0;
const asked = process.env.CANDOR_PROMPTS;
const prompts = Number(asked ?? 10);
const thorough = asked !== undefined;
const PATIENCE = { timeout: 180_000 + prompts * 10_000 };

const hasLlama = process.platform === 'linux' && process.arch === 'x64';
const skipped = hasLlama ? '' : ' (skipped: llama.cpp is installed on Linux with x64 processors only)';

/**
 * Mean size of what departures from exact numbers change in log-probabilities, each alone, over all tokens behind the
 * last places of a text.
 */
async function changes(
  source: ModelSource,
  length: number,
  departures: readonly Departures[],
): Promise<number[]> {
  const [tokens] = randomPrompts(1, length, source.architecture.vocabulary);
  const logProbs = async (departure?: Departures): Promise<number[]> =>
    (await plainLogits(source, tokens!, departure)).slice(-5).flatMap((row) => {
      const { logSum } = summary(Float32Array.from(row));
      return Array.from(row, (logit) => logit - logSum);
    });
  const exact = await logProbs();
  const found: number[] = [];
  for (const departure of departures) {
    const other = await logProbs(departure);
    found.push(exact.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / exact.length);
  }
  return found;
}

function say(what: string, found: Compared, expected: number): void {
  if (thorough) console.log(JSON.stringify({ what, ...found, expected }));
}

const scalings: readonly [string, Record<string, string | number>][] = [
  ['plain', {}],
  ['scaled linearly', { 'rope.scaling.type': 'linear', 'rope.scaling.factor': 4.5 }],
  [
    'scaled by YaRN',
    { 'rope.scaling.type': 'yarn', 'rope.scaling.factor': 4.5, 'rope.scaling.original_context_length': 32 },
  ],
];

describe.skipIf(!hasLlama)(`float32${skipped}`, () => {
  const cases = FAMILIES.flatMap((family) =>
    scalings.map(([name, metadata]) => ({ family, name, metadata })),
  );
  test.each(cases)('$family, $name: the same tokens', PATIENCE, async ({ family, name, metadata }) => {
    const own = Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [`${family}.${key}`, value]),
    );
    const options: RandomGguf = { family, type: () => 'F32', metadata: own, spread: 0.7, headSpread: 0.15 };
    const file = writeRandomGguf(folder, String(files++), options);
    await using source = await openGguf(file);
    // Prompts long enough that stretched positions matter.
    const [single, table] = await changes(source, 96, [{ round: Math.fround }, geluOfLlama]);
    expect(single).toBeLessThan(1e-4);
    const rounding = Math.hypot(single!, table!);
    const comparison = { weights: 'fp32', prompts, length: 96, continuation: 6, thorough } as const;
    const found = await besideLlama(source, file, comparison);
    say(`${family}, ${name}`, found, rounding);
    expect(found.same / found.tokens).toBeGreaterThanOrEqual(0.98);
    // Two programs, each as far from exact numbers as plain loops in single precision are, and twice that; and what
    // llama.cpp's table of GELU adds, in the one family that has it.
    expect(found.difference).toBeLessThan(4 * rounding);
  });
});

describe.skipIf(!hasLlama)(`as a bundle keeps them${skipped}`, () => {
  test.each(TENSOR_TYPES)('%s: nearly the same probabilities', PATIENCE, async (type) => {
    const options: RandomGguf = { family: 'qwen2', type: () => type, spread: 0.3, headSpread: 0.15 };
    const file = writeRandomGguf(folder, String(files++), options);
    await using source = await openGguf(file);
    const [ours, theirs] = await changes(source, 48, [noiseOfKept(source), noiseOfLlama(type)]);
    // As far apart as two programs are whose roundings have nothing to do with each other; less where they are alike.
    const expected = Math.hypot(ours!, theirs!);
    const comparison = { weights: 'kept', prompts, length: 48, continuation: 1, thorough } as const;
    const found = await besideLlama(source, file, comparison);
    say(type, found, expected);
    expect(found.difference, `expected ${expected}`).toBeLessThan(1.25 * expected);
    // Heads of random weights have near-ties, and only these may be decided otherwise: by four standard deviations of
    // the difference of two logits. A mean size is 0.8 of a standard deviation.
    expect(found.gap).toBeLessThan((4 * Math.SQRT2 * expected) / 0.8);
  });
});
