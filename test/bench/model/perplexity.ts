/** How much a bundle is surprised by real code: the tokens of a file's start, after some context. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readTokenizer } from '../../../language-server/tokens/tokenizer.js';
import type { BenchContext, Figures } from '../benchmark.js';
import { languagesOf } from '../corpus.js';
import { perplexityFigure } from '../statistics.js';
import { readAtExits, type ExitReading } from './exits.js';
import { tokenTexts } from './token-texts.js';
import { loadWholeText } from '../../../models/evaluate/whole-text.js';

export interface Perplexity {
  /** Sum of -ln p over the scored tokens. */
  readonly surprise: number;
  readonly tokens: number;
}

export async function perplexityOf(bundleFolder: string): Promise<{
  read(text: string): Promise<Perplexity>;
  readAtExits(text: string): Promise<readonly ExitReading[]>;
  close(): Promise<void>;
}> {
  const model = await loadWholeText(bundleFolder);
  const { tokenizer, architecture } = model.bundle;
  const json = readFileSync(path.join(bundleFolder, tokenizer.file), 'utf8');
  const encoder = readTokenizer(json, tokenizer.endOfText);
  const { hidden: width, vocabulary } = architecture;
  return {
    async read(text) {
      const { tokens, first } = tokenTexts((of) => encoder.encode(of), text);
      const hidden = await model.read(tokens);
      const logits = await model.head(hidden.slice((first - 1) * width, (tokens.length - 1) * width));
      let surprise = 0;
      for (let at = first; at < tokens.length; at++) {
        const start = (at - first) * vocabulary;
        surprise -= logProbability(logits.subarray(start, start + vocabulary), tokens[at]!);
      }
      return { surprise, tokens: tokens.length - first };
    },
    readAtExits: (text) => readAtExits(model, (of) => encoder.encode(of), text),
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

const QUANTISED_FILES = 8;

/** Perplexity of a bundle over that of the same model without quantisation, on the same tokens. */
export async function quantisedFigure(
  { files, seed, measureEach }: BenchContext,
  bundle: string,
  unquantised: string,
): Promise<Figures> {
  const some = languagesOf(files).flatMap((language) =>
    files.filter((file) => file.language === language).slice(0, QUANTISED_FILES),
  );
  const cases = some.map((file) => ({ id: file.path, text: file.text }));
  const read = async (folder: string, part: string) => {
    const reader = await perplexityOf(folder);
    const read = await measureEach(part, cases, ({ text }) => reader.read(text), 0.1);
    await reader.close();
    return read;
  };
  const own = await read(bundle, 'quantised');
  const whole = new Map((await read(unquantised, 'unquantised')).map(({ of, result }) => [of.id, result]));
  const pairs = own.flatMap(({ of, result }) => {
    const other = whole.get(of.id);
    return other ? [{ value: result.surprise - other.surprise, count: result.tokens, cluster: of.id }] : [];
  });
  return { 'quantised.perplexity_ratio': perplexityFigure(pairs, seed) };
}
