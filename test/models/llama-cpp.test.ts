/**
 * Bundles beside llama.cpp on the same GGUF files: the same greedy tokens, and nearly the same probabilities. Random
 * weights of every family; linear, YaRN's and Llama 3's scaling of positions; every storage type.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { never } from '../../language-server/inference/cancellation.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import { loadOnnxModel } from '../../language-server/inference/onnx-model.js';
import { FAMILIES } from '../../models/convert/families.js';
import { TENSOR_TYPES } from '../../models/convert/model-source.js';
import { promptOf } from '../../models/convert/prompt-format.js';
import { openGguf } from '../../models/convert/read-gguf.js';
import type { WeightFormat } from '../../models/convert/weight-formats.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { loadLlama } from '../../models/evaluate/llama.js';
import { summary } from '../../models/evaluate/score-passage.js';
import { loadWholeText } from '../../models/evaluate/whole-text.js';
import { randomGguf, type RandomGguf } from './random-gguf.js';
import { randomNumbers } from './random-tensors.js';

const folder = mkdtempSync(join(tmpdir(), 'candor-llama-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let files = 0;

const hasLlama = process.platform === 'linux' && process.arch === 'x64';
const skipped = hasLlama ? '' : ' (skipped: llama.cpp is installed on Linux with x64 processors only)';

interface Compared {
  /** Prompts whose greedy continuations are equal, of all. */
  readonly same: number;
  readonly prompts: number;
  /** Mean size of the differences of log-probabilities of the prompts' last tokens. */
  readonly difference: number;
}

/** Prompts long enough that stretched positions matter. */
async function compared(
  options: RandomGguf,
  weights: WeightFormat,
  { prompts = 10, length = 96, continuation = 6 } = {},
): Promise<Compared> {
  const file = join(folder, `${files++}.gguf`);
  writeFileSync(file, randomGguf(options));
  await using source = await openGguf(file);
  const bundle = join(folder, `bundle-${files++}`);
  await writeBundle(source, bundle, { weights, exits: [1, 3], prompt: promptOf(source.vocabulary) });
  const whole = await loadWholeText(bundle, 1);
  const model = await loadOnnxModel(whole.bundle, { threads: 1 });
  const llama = await loadLlama(file, 1, 'F32');
  const { vocabulary } = source.architecture;
  const random = randomNumbers(3);
  let same = 0;
  const differences: number[] = [];
  for (let prompt = 0; prompt < prompts; prompt++) {
    const tokens = Array.from({ length }, () => 2 + Math.floor(random() * (vocabulary - 2)));
    await llama.reset();
    const theirs = [await llama.next(tokens)];
    while (theirs.length < continuation) theirs.push(await llama.next(theirs.slice(-1)));
    const ours: number[] = [];
    {
      using session = await model.open(tokens, never);
      let branch = session.root;
      while (ours.length < continuation) {
        const input = ours.at(-1) ?? tokens.at(-1)!;
        const [step] = await session.forward([{ after: branch, input: [[input, 1]] }], fullDepth);
        if (step?.kind !== 'logits') throw new Error('The engine stopped although nothing told it to.');
        ours.push(summary(step.logits).best);
        ({ branch } = step);
      }
    }
    if (String(ours) === String(theirs)) same++;
    await llama.reset();
    const scored = await llama.logProbs(tokens, length - 4);
    const logits = await whole.head(await whole.read(tokens));
    scored.forEach((logProb, at) => {
      const position = length - 4 + at;
      const row = logits.subarray((position - 1) * vocabulary, position * vocabulary);
      differences.push(Math.abs(row[tokens[position]!]! - summary(row).logSum - logProb));
    });
  }
  await model.release();
  await whole.release();
  const difference = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  return { same, prompts, difference };
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
  test.each(cases)('$family, $name: the same tokens', { timeout: 120_000 }, async ({ family, metadata }) => {
    const own = Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [`${family}.${key}`, value]),
    );
    const options: RandomGguf = { family, type: () => 'F32', metadata: own, spread: 0.7, headSpread: 0.15 };
    const { same, prompts, difference } = await compared(options, 'fp32');
    // Heads of random weights have near-ties, which the programs' own last bits may decide.
    expect(same).toBeGreaterThanOrEqual(prompts - 1);
    expect(difference, `mean ${difference}`).toBeLessThan(3e-3);
  });
});

describe.skipIf(!hasLlama)(`as a bundle keeps them${skipped}`, () => {
  test.each(TENSOR_TYPES)('%s: nearly the same probabilities', { timeout: 120_000 }, async (type) => {
    const options: RandomGguf = { family: 'qwen2', type: () => type, spread: 0.3, headSpread: 0.15 };
    const { difference } = await compared(options, 'kept', { prompts: 4, length: 48, continuation: 1 });
    // Both programs round what they multiply to eight bits, each in its own way.
    expect(difference, `mean ${difference}`).toBeLessThan(0.1);
  });
});
