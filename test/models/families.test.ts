/**
 * Every family in every storage type: the bundle computes what plain loops over the file's own numbers compute, and
 * llama.cpp goes on with the same tokens. Random weights, made on the spot.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FAMILIES } from '../../models/convert/families.js';
import { isFloat, TENSOR_TYPES } from '../../models/convert/model-source.js';
import { promptOf } from '../../models/convert/prompt-format.js';
import { openGguf } from '../../models/convert/read-gguf.js';
import type { WeightFormat } from '../../models/convert/weight-formats.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { loadWholeText } from '../../models/evaluate/whole-text.js';
import { plainLogits } from './plain-decoder.js';
import { randomGguf, type RandomGguf } from './random-gguf.js';
import { noiseOfKept } from './rounding-noise.js';

const folder = mkdtempSync(join(tmpdir(), 'candor-families-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let files = 0;

const TOKENS = [5, 70, 101, 33, 262, 18, 99, 40, 41, 200, 7, 7];

interface Difference {
  readonly most: number;
  readonly mean: number;
}

/** Differences of logits at all positions of a text, in shares of their standard deviation: found, and to be expected. */
async function difference(
  options: RandomGguf,
  weights: WeightFormat,
): Promise<{ found: Difference; expected: Difference }> {
  const file = join(folder, `${files++}.gguf`);
  writeFileSync(file, randomGguf(options));
  await using source = await openGguf(file);
  const bundle = join(folder, `bundle-${files++}`);
  await writeBundle(source, bundle, { weights, exits: [1, 3], prompt: promptOf(source.vocabulary) });
  const model = await loadWholeText(bundle, 1);
  const ours = await model.head(await model.read(TOKENS));
  await model.release();
  const theirs = (await plainLogits(source, TOKENS)).flatMap((row) => [...row]);
  const noisy = (await plainLogits(source, TOKENS, noiseOfKept(source))).flatMap((row) => [...row]);
  const spread = Math.sqrt(theirs.reduce((sum, value) => sum + value * value, 0) / theirs.length);
  const from = (others: ArrayLike<number>): Difference => {
    const differences = theirs.map((value, at) => Math.abs(value - others[at]!) / spread);
    const mean = Math.sqrt(differences.reduce((sum, value) => sum + value * value, 0) / differences.length);
    return { most: Math.max(...differences), mean };
  };
  return { found: from(ours), expected: from(noisy) };
}

const variants: readonly [string, Partial<RandomGguf>][] = [
  ['with a tied head', {}],
  ['with a head of its own', { untied: true }],
  ['with heads wider than the hidden state', { shape: { headSize: 128 } }],
  ['with a key head for each query head', { shape: { keyValueHeads: 4 } }],
  ['scaled linearly', { metadata: { X: 1, 'X.rope.scaling.type': 'linear', 'X.rope.scaling.factor': 4 } }],
  [
    'scaled by YaRN',
    {
      metadata: {
        'X.rope.scaling.type': 'yarn',
        'X.rope.scaling.factor': 4,
        'X.rope.scaling.original_context_length': 128,
      },
    },
  ],
];

function ofFamily(family: (typeof FAMILIES)[number], variant: Partial<RandomGguf>): RandomGguf {
  const metadata = Object.fromEntries(
    Object.entries(variant.metadata ?? {}).map(([key, value]) => [key.replace(/^X/, family), value]),
  );
  return { ...variant, family, type: () => 'F32', metadata };
}

describe.each(FAMILIES)('%s in float32', (family) => {
  test.each(variants)('%s: logits to 1e-3', async (_, variant) => {
    const { found } = await difference(ofFamily(family, variant), 'fp32');
    expect(found.most).toBeLessThan(1e-3);
  });
});

describe.each(TENSOR_TYPES)('weights as %s', (type) => {
  test('in float32: logits to 1e-3', async () => {
    const { found } = await difference({ family: 'qwen2', type: () => type }, 'fp32');
    expect(found.most).toBeLessThan(1e-3);
  });

  test('as a bundle keeps them: as far off as the rounding of its blocks must be', async () => {
    const options: RandomGguf = { family: 'qwen2', type: () => type, untied: true };
    const { found, expected } = await difference(options, 'kept');
    // Two draws of the same noise in so small a network differ by up to a fifth.
    expect(found.mean).toBeLessThan(1.5 * expected.mean);
    // Floats are not rounded at all; the graphs add them up in a better order than the loops do.
    if (!isFloat(type)) expect(found.mean).toBeGreaterThan(0.6 * expected.mean);
  });
});
