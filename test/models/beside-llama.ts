/** A bundle and llama.cpp beside each other on one GGUF file: greedy tokens, and probabilities of prompts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBundle } from '../../language-server/inference/bundle.js';
import { loadOnnxModel } from '../../language-server/inference/onnx-model.js';
import type { ModelSource } from '../../models/convert/model-source.js';
import { promptOf } from '../../models/convert/prompt-format.js';
import type { WeightFormat } from '../../models/convert/weight-formats.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { loadLlama, type Llama } from '../../models/evaluate/llama.js';
import { summary } from '../../models/evaluate/score-passage.js';
import { loadWholeText, type WholeTextModel } from '../../models/evaluate/whole-text.js';
import { ofBundle, ofLlama, randomPrompts } from './greedy-tokens.js';
import { randomGguf, type RandomGguf } from './random-gguf.js';

export interface Comparison {
  readonly weights: WeightFormat;
  readonly prompts: number;
  /** Tokens of a prompt, and greedy ones after it. */
  readonly length: number;
  readonly continuation: number;
  /** Whether llama.cpp as it is by default and exact numbers are asked as well, for the first tokens. */
  readonly thorough: boolean;
}

export interface Compared {
  /** Greedy tokens that are equal, up to the first of a prompt that is not, of all. */
  readonly same: number;
  readonly tokens: number;
  /** Where they part: the most by which we find our token likelier than llama.cpp's, in nats. */
  readonly gap: number;
  /** Mean size of the differences of log-probabilities of the prompts' last tokens. */
  readonly difference: number;
  /** Pairs of programs, and in how many prompts they say the same first token. */
  readonly first?: Readonly<Record<string, number>>;
}

/** Tokens at the end of a prompt whose log-probabilities are compared. */
const SCORED = 4;

export function writeRandomGguf(folder: string, name: string, options: RandomGguf): string {
  const file = join(folder, `${name}.gguf`);
  writeFileSync(file, randomGguf(options));
  return file;
}

/** `file` is that of `source`. Keys and values are in float32, and llama.cpp's flash attention, which rounds them, off. */
export async function besideLlama(
  source: ModelSource,
  file: string,
  { weights, prompts, length, continuation, thorough }: Comparison,
): Promise<Compared> {
  const folder = await bundleOf(source, `${file}.${weights}`, weights);
  const whole = await loadWholeText(folder, 1);
  const ours = await loadOnnxModel(whole.bundle, { threads: 1 });
  // A bundle in float32 is exact itself.
  const exact =
    thorough && whole.bundle.weights !== 'fp32'
      ? await loadOnnxModel(await readBundle(await bundleOf(source, `${file}.fp32`, 'fp32')), { threads: 1 })
      : undefined;
  const llama = await loadLlama(file, 1, 'F32');
  const usual = thorough ? await loadLlama(file, 1) : undefined;
  const differences: number[] = [];
  const first: Record<string, number> = {};
  let [same, gap] = [0, 0];
  for (const tokens of randomPrompts(prompts, length, source.architecture.vocabulary)) {
    const theirs = await ofLlama(llama, tokens, continuation);
    const { greedy, rows } = await ofBundle(ours, tokens, continuation);
    const parted = greedy.findIndex((token, at) => token !== theirs[at]);
    same += parted < 0 ? continuation : parted;
    if (parted >= 0) gap = Math.max(gap, rows[parted]![greedy[parted]!]! - rows[parted]![theirs[parted]!]!);
    differences.push(...(await differencesOf(whole, llama, tokens)));
    if (!thorough) continue;
    const [other] = await ofLlama(usual!, tokens, 1);
    const truth = exact && (await ofBundle(exact, tokens, 1)).greedy[0];
    const count = (pair: string, equal: boolean): void => {
      first[pair] = (first[pair] ?? 0) + Number(equal);
    };
    count('ours, llama.cpp', greedy[0] === theirs[0]);
    count('ours, llama.cpp by default', greedy[0] === other);
    count('llama.cpp, llama.cpp by default', theirs[0] === other);
    if (exact === undefined) continue;
    count('ours, exact', greedy[0] === truth);
    count('llama.cpp, exact', theirs[0] === truth);
  }
  for (const model of [whole, ours, exact]) await model?.release();
  const difference = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  return { same, tokens: prompts * continuation, gap, difference, ...(thorough && { first }) };
}

async function bundleOf(source: ModelSource, folder: string, weights: WeightFormat): Promise<string> {
  const { layers } = source.architecture;
  await writeBundle(source, folder, { weights, exits: [1, layers], prompt: promptOf(source.vocabulary) });
  return folder;
}

async function differencesOf(
  whole: WholeTextModel,
  llama: Llama,
  tokens: readonly number[],
): Promise<number[]> {
  const { vocabulary, hidden } = whole.bundle.architecture;
  await llama.reset();
  const from = tokens.length - SCORED;
  const theirs = await llama.logProbs(tokens, from);
  const states = await whole.read(tokens);
  const logits = await whole.head(states.slice((from - 1) * hidden, -hidden));
  return theirs.map((logProb, at) => {
    const row = logits.subarray(at * vocabulary, (at + 1) * vocabulary);
    return Math.abs(row[tokens[from + at]!]! - summary(row).logSum - logProb);
  });
}
