/** The real engine over a small bundle of random weights, and what tests ask of it again and again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readBundle } from '../../language-server/inference/bundle.js';
import { never } from '../../language-server/inference/cancellation.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import type {
  Branch,
  ExitPolicy,
  Forward,
  LanguageModel,
  Session,
} from '../../language-server/inference/model.js';
import { loadOnnxModel, type OnnxModel } from '../../language-server/inference/onnx-model.js';
import type { TokenId } from '../../language-server/tokens/vocabulary.js';
import { writeRandomBundle, type RandomBundleOptions } from '../../models/convert/random-bundle.js';

/** Four layers with an exit after each. Remove the folder when done. */
export async function randomBundleFolder(options: RandomBundleOptions = {}): Promise<string> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'candor-')), 'bundle');
  await writeRandomBundle(folder, { exits: [1, 2, 3, 4], ...options });
  return folder;
}

export async function removeBundle(folder: string): Promise<void> {
  await rm(path.dirname(folder), { recursive: true, force: true });
}

export async function engineOf(folder: string, chunkTokens = 8): Promise<OnnxModel> {
  return loadOnnxModel(await readBundle(folder), { threads: 1, chunkTokens });
}

export type Spoken = Extract<Forward, { kind: 'logits' }>;

/** One step of one token. */
export async function step(
  session: Session,
  after: Branch,
  token: TokenId,
  policy: ExitPolicy = fullDepth,
): Promise<Spoken> {
  const [forward] = await session.forward([{ after, input: [[token, 1]] }], policy);
  if (forward?.kind !== 'logits') throw new Error('the step was stopped');
  return forward;
}

/** Steps over several tokens, and what the last one says. */
export async function steps(
  session: Session,
  after: Branch,
  tokens: readonly TokenId[],
  policy: ExitPolicy = fullDepth,
): Promise<Spoken> {
  let spoken: Spoken | undefined;
  for (const token of tokens) spoken = await step(session, spoken?.branch ?? after, token, policy);
  return spoken!;
}

/** The likeliest tokens after a prompt, one by one. */
export async function greedyTokens(
  model: LanguageModel,
  prompt: readonly TokenId[],
  count: number,
): Promise<readonly TokenId[]> {
  using session = await model.open(prompt, never);
  const tokens: TokenId[] = [];
  let branch = session.root;
  for (let input = prompt.at(-1)!; tokens.length < count; input = tokens.at(-1)!) {
    const spoken = await step(session, branch, input);
    tokens.push(likeliest(spoken.logits));
    ({ branch } = spoken);
  }
  return tokens;
}

export function likeliest(logits: Float32Array): TokenId {
  return logits.reduce((best, logit, token) => (logit > logits[best]! ? token : best), 0);
}

export function largestDifference(left: Float32Array, right: Float32Array): number {
  return left.reduce((largest, value, index) => Math.max(largest, Math.abs(value - right[index]!)), 0);
}
