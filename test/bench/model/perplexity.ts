/** How much a bundle is surprised by real code: the tokens of a file's start, after some context. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readTokenizer } from '../../../language-server/tokens/tokenizer.js';
import { loadWholeText } from '../../../models/evaluate/whole-text.js';

export interface Perplexity {
  /** Sum of -ln p over the scored tokens. */
  readonly surprise: number;
  readonly tokens: number;
}

/** Tokens read before the first scored one, and scored at most. */
const CONTEXT = 64;
const SCORED = 256;

export async function perplexityOf(bundleFolder: string): Promise<{
  read(text: string): Promise<Perplexity>;
  close(): Promise<void>;
}> {
  const model = await loadWholeText(bundleFolder);
  const { tokenizer, architecture } = model.bundle;
  const json = readFileSync(path.join(bundleFolder, tokenizer.file), 'utf8');
  const encoder = readTokenizer(json, tokenizer.endOfText);
  const { hidden: width, vocabulary } = architecture;
  return {
    async read(text) {
      const tokens = encoder.encode(text.slice(0, 16 * (CONTEXT + SCORED))).slice(0, CONTEXT + SCORED);
      const first = Math.min(CONTEXT, tokens.length >> 1);
      const hidden = await model.read(tokens);
      const logits = await model.head(hidden.slice((first - 1) * width, (tokens.length - 1) * width));
      let surprise = 0;
      for (let at = first; at < tokens.length; at++) {
        const start = (at - first) * vocabulary;
        surprise -= logProbability(logits.subarray(start, start + vocabulary), tokens[at]!);
      }
      return { surprise, tokens: tokens.length - first };
    },
    close: () => model.release(),
  };
}

/** Natural logarithm of the softmax at one place. */
function logProbability(logits: Float32Array, token: number): number {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return logits[token]! - largest - Math.log(sum);
}
