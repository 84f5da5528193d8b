/**
 * On the bundle that ships: however a prompt came into the cache, the model goes on alike.
 *
 * `CANDOR_IDENTITY_PROMPTS=500 npx vitest run test/inference/identity` runs the full number; the default is a sample.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBundle } from '../../language-server/inference/bundle.js';
import { never } from '../../language-server/inference/cancellation.js';
import { loadOnnxModel, type OnnxModel } from '../../language-server/inference/onnx-model.js';
import { readTokenizer } from '../../language-server/tokens/tokenizer.js';
import { topTokens } from '../../language-server/tokens/top-tokens.js';
import type { TokenId } from '../../language-server/tokens/vocabulary.js';
import { largestDifference, step } from '../support/random-engine.js';
import { randomNumbers } from '../support/random-numbers.js';

const PROMPTS = Number(process.env.CANDOR_IDENTITY_PROMPTS ?? 4);
const CONTINUATION = 32;
const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'models/smollm2-135m');
const random = randomNumbers(20_26);

/** As the product reads prompts. */
let chunked: OnnxModel;
/** Chunks half as large. */
let finer: OnnxModel;
let prompts: readonly (readonly TokenId[])[];

beforeAll(async () => {
  const bundle = await readBundle(folder);
  chunked = await loadOnnxModel(bundle, { threads: 1 });
  finer = await loadOnnxModel(bundle, { threads: 1, chunkTokens: 16 });
  const tokenizer = readTokenizer(
    readFileSync(path.join(folder, bundle.tokenizer.file), 'utf8'),
    bundle.tokenizer.endOfText,
  );
  const files = ['language-server', 'syntax', 'models']
    .flatMap((name) =>
      readdirSync(path.join(root, name), { recursive: true, encoding: 'utf8' }).map((file) =>
        path.join(root, name, file),
      ),
    )
    .filter((file) => file.endsWith('.ts') || file.endsWith('.py'))
    .sort();
  prompts = Array.from({ length: PROMPTS }, () => {
    const text = readFileSync(files[Math.floor(random() * files.length)]!, 'utf8');
    const start = Math.floor(random() * text.length * 0.7);
    return tokenizer.encode(text.slice(start)).slice(0, 40 + Math.floor(random() * 160));
  }).filter((prompt) => prompt.length >= 40);
});

afterAll(async () => {
  await chunked.release();
  await finer.release();
});

interface Continuation {
  readonly tokens: readonly TokenId[];
  readonly logits: readonly Float32Array[];
  /** By how much the chosen token was ahead of the next, in logits. */
  readonly margins: readonly number[];
}

async function goOn(model: OnnxModel, prompt: readonly TokenId[]): Promise<Continuation> {
  using session = await model.open(prompt, never);
  const tokens: TokenId[] = [];
  const logits: Float32Array[] = [];
  const margins: number[] = [];
  let branch = session.root;
  for (let input = prompt.at(-1)!; tokens.length < CONTINUATION; input = tokens.at(-1)!) {
    const spoken = await step(session, branch, input);
    const [best, second] = topTokens(spoken.logits, 2);
    tokens.push(best!);
    logits.push(spoken.logits);
    margins.push(spoken.logits[best!]! - spoken.logits[second!]!);
    ({ branch } = spoken);
  }
  return { tokens, logits, margins };
}

async function forget(model: OnnxModel): Promise<void> {
  using session = await model.open([1, 2], never);
  expect(session.reading.reusedTokens).toBe(0);
}

/** As while typing: other text first, then one token more at a time, with a continuation begun in between. */
async function type(model: OnnxModel, prompt: readonly TokenId[]): Promise<void> {
  const typed = prompt.length - 12;
  const before = [...prompt.slice(0, typed), 3, 4, 5, 6];
  for (const text of [before, ...[3, 4, 6, 9, 10].map((more) => prompt.slice(0, typed + more))]) {
    using session = await model.open(text, never);
    await step(session, session.root, text.at(-1)!);
  }
}

test(`${PROMPTS} prompts continue alike: fresh, typed, and read in smaller chunks`, async () => {
  let pairs = 0;
  let error = 0;
  const flips: number[] = [];
  for (const [done, prompt] of prompts.entries()) {
    if (done > 0 && done % 50 === 0)
      console.log(`${done} prompts: ${pairs} pairs, ${flips.length} differ, error ${error}`);
    await forget(chunked);
    const fresh = await goOn(chunked, prompt);
    await forget(chunked);
    await type(chunked, prompt);
    const others = [await goOn(chunked, prompt), await goOn(finer, prompt)];
    for (const other of others) {
      pairs++;
      const differs = fresh.tokens.findIndex((token, at) => token !== other.tokens[at]);
      if (differs >= 0) flips.push(fresh.margins[differs]!);
      const shared = differs < 0 ? CONTINUATION : differs + 1;
      for (let at = 0; at < shared; at++) {
        error = Math.max(error, largestDifference(fresh.logits[at]!, other.logits[at]!));
      }
    }
  }
  console.log(
    `${pairs} pairs, ${flips.length} differ, largest logit error ${error}, margins ${flips.join(' ')}`,
  );
  expect(pairs).toBeGreaterThan(0);
  expect(1 - flips.length / pairs).toBeGreaterThanOrEqual(0.98);
  for (const margin of flips) expect(margin).toBeLessThanOrEqual(error);
}, 10_800_000);
