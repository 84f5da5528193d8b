/** One round on one device: a prompt read from the start, tokens after it, and a suggestion as while typing. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bundle } from '../../../language-server/inference/bundle.js';
import { never } from '../../../language-server/inference/cancellation.js';
import type { ModelPlan } from '../../../language-server/inference/devices/device.js';
import { fullDepth } from '../../../language-server/inference/exit-policies.js';
import type { LanguageModel, Session } from '../../../language-server/inference/model.js';
import { floatBytes } from '../../../language-server/inference/web-session.js';
import { readTokenizer } from '../../../language-server/tokens/tokenizer.js';
import type { TokenId } from '../../../language-server/tokens/vocabulary.js';
import type { CorpusFile } from '../corpus.js';
import { median } from '../statistics.js';

/** Milliseconds. */
export interface Round {
  readonly promptMs: number;
  /** The median of a token. */
  readonly tokenMs: number;
  /** A few tokens read anew behind a known prompt, and a line written. */
  readonly suggestionMs: number;
}

/** Tokens of a suggestion: read anew, as after a keystroke in a line, and written. */
const READ = 16;
const WRITTEN = 12;

export async function roundOf(
  model: LanguageModel,
  prompt: readonly TokenId[],
  steps: number,
): Promise<Round> {
  {
    using other = await model.open([prompt[0]! + 1], never);
    if (other.reading.reusedTokens > 0) throw new Error('The prompt before was not forgotten.');
  }
  const began = performance.now();
  using session = await model.open(prompt, never);
  const promptMs = performance.now() - began;
  const tokens = await write(session, prompt.at(-1)!, steps);
  session[Symbol.dispose]();
  const asked = performance.now();
  using again = await model.open([...prompt.slice(0, -READ), ...prompt.slice(-READ).reverse()], never);
  await write(again, prompt.at(-READ)!, WRITTEN);
  return { promptMs, tokenMs: median(tokens), suggestionMs: performance.now() - asked };
}

/** Greedy tokens; how long each took. */
async function write(session: Session, first: TokenId, steps: number): Promise<readonly number[]> {
  const times: number[] = [];
  let input = first;
  let branch = session.root;
  for (let step = 0; step < steps; step++) {
    const began = performance.now();
    const [forward] = await session.forward([{ after: branch, input: [[input, 1]] }], fullDepth);
    if (forward?.kind !== 'logits') throw new Error('The whole network has no logits.');
    input = forward.logits.reduce((best, logit, token) => (logit > forward.logits[best]! ? token : best), 0);
    ({ branch } = forward);
    times.push(performance.now() - began);
  }
  return times;
}

/** So many tokens of the corpus, as far as it and the model go. */
export async function promptFrom(
  bundle: Bundle,
  files: readonly CorpusFile[],
  length: number,
): Promise<readonly TokenId[]> {
  const text = await readFile(path.join(bundle.folder, bundle.tokenizer.file), 'utf8');
  const tokenizer = readTokenizer(text, bundle.tokenizer.endOfText);
  const tokens: TokenId[] = [];
  for (const file of files) {
    if (tokens.length >= length) break;
    tokens.push(...tokenizer.encode(file.text.slice(0, 20_000)));
  }
  return tokens.slice(0, Math.min(length, bundle.architecture.context - 64));
}

/** Bytes of weights and cache that a token reads: all blocks and the table of the head, and keys and values before it. */
export function bytesPerToken(bundle: Bundle, rows: number, { device, grouped }: ModelPlan): number {
  const { layers, keyValueHeads, headSize } = bundle.architecture;
  const stored = bundle.files
    .filter(({ file }) => /^(block-\d+|embedding|head)\.bin$/.test(file))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const weights = device === 'wasm' ? floatBytes(bundle) : stored;
  const bytesOfReal = grouped === 'float16' ? 2 : 4;
  return weights + rows * layers * 2 * keyValueHeads * headSize * bytesOfReal;
}
