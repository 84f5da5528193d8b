/** Whether tokens that are read ahead change what is written, and what they save: greedy tokens of the same prompts. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bundle } from '../../../language-server/inference/bundle.js';
import { never } from '../../../language-server/inference/cancellation.js';
import { fullDepth } from '../../../language-server/inference/exit-policies.js';
import type { LanguageModel } from '../../../language-server/inference/model.js';
import { loadOnnxModel } from '../../../language-server/inference/onnx-model.js';
import { speculating } from '../../../language-server/inference/speculation/speculative-model.js';
import { topTokens } from '../../../language-server/tokens/top-tokens.js';
import { readTokenizer } from '../../../language-server/tokens/tokenizer.js';
import type { TokenId } from '../../../language-server/tokens/vocabulary.js';
import type { Cut } from '../cases.js';
import { spentOn } from '../spent.js';
import type { TwoWays } from './two-ways.js';

const WRITTEN_TOKENS = 24;

export interface LosslessEngine {
  readonly measure: (cut: Cut, isPlainFirst: boolean) => Promise<TwoWays>;
  readonly close: () => Promise<void>;
}

export async function openLossless(
  bundle: Bundle,
  threads: number,
  promptTokens: number,
): Promise<LosslessEngine> {
  const file = path.join(bundle.folder, bundle.tokenizer.file);
  const tokenizer = readTokenizer(await readFile(file, 'utf8'), bundle.tokenizer.endOfText);
  const model = await loadOnnxModel(bundle, { threads });
  const ahead = speculating(model);
  return {
    async measure(cut, isPlainFirst) {
      const prompt = tokenizer.encode(cut.before).slice(-promptTokens);
      // Reads the prompt, so that both begin alike.
      await greedy(model, prompt, 0);
      const plainly = () => spentOn(() => greedy(model, prompt, WRITTEN_TOKENS));
      const before = isPlainFirst ? await plainly() : undefined;
      const [other, speculative] = await spentOn(() => greedy(ahead, prompt, WRITTEN_TOKENS));
      const [expected, plain] = before ?? (await plainly());
      return { plain, speculative, identical: expected.join() === other.join() };
    },
    close: () => model.release(),
  };
}

async function greedy(
  model: LanguageModel,
  prompt: readonly TokenId[],
  count: number,
): Promise<readonly TokenId[]> {
  using session = await model.open(prompt, never);
  const tokens: TokenId[] = [];
  let branch = session.root;
  while (tokens.length < count) {
    const token = tokens.at(-1) ?? prompt.at(-1)!;
    const [said] = await session.forward([{ after: branch, input: [[token, 1]] }], fullDepth);
    if (said?.kind !== 'logits') throw new Error('Full depth always speaks.');
    ({ branch } = said);
    tokens.push(topTokens(said.logits, 1)[0]!);
  }
  return tokens;
}
