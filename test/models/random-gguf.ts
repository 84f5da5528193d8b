/** Whole GGUF files of random weights, of any family, shape and storage type that the converter reads. */
import type { Family } from '../../models/convert/families.js';
import type { SourceVocabulary, TensorType } from '../../models/convert/model-source.js';
import { randomModel } from '../../models/convert/random-model.js';
import { ggufFile, type GgufTensor, type Value } from './gguf-file.js';
import { randomNumbers, randomTensor, TYPE_NUMBERS } from './random-tensors.js';

export interface RandomGguf {
  readonly family: Family;
  /** The type of a matrix by its name, such as `blk.0.attn_q` or `token_embd`; norms are F32. */
  readonly type: (matrix: string) => TensorType;
  readonly shape?: Partial<Shape>;
  /** Whether the head has a matrix of its own. */
  readonly untied?: boolean;
  /** Standard deviation of the embedding, and the middle of the last norm's gains: each 1 without it. */
  readonly embeddingSpread?: number;
  readonly lastGain?: number;
  /** Standard deviation of that matrix, which it then has. */
  readonly headSpread?: number;
  readonly seed?: number;
  readonly metadata?: Readonly<Record<string, Value>>;
  /** Metadata of the tokenizer; by default those of a small byte-level vocabulary. */
  readonly tokenizer?: Readonly<Record<string, Value>>;
  /** How much weights of the layers change what a token says; small makes the head's choice clear. */
  readonly spread?: number;
  /** By how much attention's last matrix spreads more than others. */
  readonly attentionGain?: number;
}

export interface Shape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly feedForward: number;
  readonly context: number;
}

/** Divisible by the blocks of all types. */
export const SMALL: Shape = {
  layers: 3,
  hidden: 256,
  heads: 4,
  keyValueHeads: 2,
  headSize: 64,
  feedForward: 512,
  context: 512,
};

export function smallTokenizer(): Record<string, Value> {
  const { vocabulary } = randomModel();
  const { tokens, merges } = vocabulary as Extract<SourceVocabulary, { kind: 'byte-level' }>;
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'smollm',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((_, id) => (vocabulary.controlTokens.includes(id) ? 3 : 1)),
    'tokenizer.ggml.merges': merges,
    'tokenizer.ggml.eos_token_id': 0,
    'tokenizer.ggml.bos_token_id': 0,
  };
}

/** One tensor to be made: its type, shape, and how its values spread. */
export interface PlannedTensor {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly type: TensorType;
  readonly spread: number;
  readonly middle: number;
}

/** All tensors of a model and its metadata, without a byte of weights: large files are written tensor by tensor. */
export function planGguf(options: RandomGguf): {
  readonly metadata: Record<string, Value>;
  readonly tensors: readonly PlannedTensor[];
} {
  const { family, type, untied = false, headSpread, spread = 1 } = options;
  const shape = { ...SMALL, ...options.shape };
  const { layers, hidden, heads, keyValueHeads, headSize, feedForward, context } = shape;
  const tokenizer = options.tokenizer ?? smallTokenizer();
  const vocabulary = (tokenizer['tokenizer.ggml.tokens'] as readonly string[]).length;
  const tensors: PlannedTensor[] = [];
  const matrix = (name: string, rows: number, columns: number, deviation: number): void => {
    const kind = type(name.replace(/\.weight$/, ''));
    tensors.push({ name, rows, columns, type: kind, spread: deviation, middle: 0 });
  };
  const vector = (name: string, length: number, deviation: number, middle: number): void => {
    tensors.push({ name, rows: 1, columns: length, type: 'F32', spread: deviation, middle });
  };
  matrix('token_embd.weight', vocabulary, hidden, options.embeddingSpread ?? 1);
  const norm = (name: string, middle = 1): void => {
    vector(`${name}.weight`, hidden, 0.1 * middle, middle);
    if (family === 'starcoder2') vector(`${name}.bias`, hidden, 0.2, 0);
  };
  norm('output_norm', options.lastGain);
  if (untied || headSpread !== undefined) matrix('output.weight', vocabulary, hidden, headSpread ?? 1);
  const part = spread / Math.sqrt(hidden);
  for (let layer = 0; layer < layers; layer++) {
    const at = `blk.${layer}`;
    norm(`${at}.attn_norm`);
    norm(`${at}.ffn_norm`);
    matrix(`${at}.attn_q.weight`, heads * headSize, hidden, 2 * part);
    matrix(`${at}.attn_k.weight`, keyValueHeads * headSize, hidden, 2 * part);
    matrix(`${at}.attn_v.weight`, keyValueHeads * headSize, hidden, part);
    matrix(`${at}.attn_output.weight`, hidden, heads * headSize, (options.attentionGain ?? 1) * part);
    if (family !== 'starcoder2') matrix(`${at}.ffn_gate.weight`, feedForward, hidden, part);
    matrix(`${at}.ffn_up.weight`, feedForward, hidden, part);
    matrix(`${at}.ffn_down.weight`, hidden, feedForward, part);
    if (family === 'starcoder2') {
      vector(`${at}.attn_output.bias`, hidden, 0.2, 0);
      vector(`${at}.ffn_up.bias`, feedForward, 0.5, 0);
      vector(`${at}.ffn_down.bias`, hidden, 0.2, 0);
    }
    if (family === 'qwen2' || family === 'starcoder2') {
      vector(`${at}.attn_q.bias`, heads * headSize, 0.5, 0);
      vector(`${at}.attn_k.bias`, keyValueHeads * headSize, 0.5, 0);
      vector(`${at}.attn_v.bias`, keyValueHeads * headSize, 0.5, 0);
    }
    if (family === 'qwen3') {
      vector(`${at}.attn_q_norm.weight`, headSize, 0.1, 1);
      vector(`${at}.attn_k_norm.weight`, headSize, 0.1, 1);
    }
  }
  const metadata: Record<string, Value> = {
    'general.architecture': family,
    'general.name': `Random ${family}`,
    'general.license': 'apache-2.0',
    [`${family}.block_count`]: layers,
    [`${family}.context_length`]: context,
    [`${family}.embedding_length`]: hidden,
    [`${family}.feed_forward_length`]: feedForward,
    [`${family}.attention.head_count`]: heads,
    [`${family}.attention.head_count_kv`]: keyValueHeads,
    [`${family}.attention.${family === 'starcoder2' ? 'layer_norm' : 'layer_norm_rms'}_epsilon`]: 1e-6,
    [`${family}.rope.freq_base`]: 1_000_000.5,
    ...(headSize * heads !== hidden || family === 'qwen3'
      ? { [`${family}.attention.key_length`]: headSize, [`${family}.attention.value_length`]: headSize }
      : {}),
    ...tokenizer,
    ...options.metadata,
  };
  return { metadata, tensors };
}

/** The parts of a small file, for tests that change them before they are joined. */
export function randomGgufParts(options: RandomGguf): {
  metadata: Record<string, Value>;
  tensors: GgufTensor[];
} {
  const random = randomNumbers(options.seed ?? 1);
  const { metadata, tensors } = planGguf(options);
  return {
    metadata,
    tensors: tensors.map(({ name, rows, columns, type, spread, middle }) => ({
      name,
      shape: shapeOf(rows, columns),
      type: TYPE_NUMBERS[type],
      bytes: randomTensor(type, rows * columns, spread, random, middle),
    })),
  };
}

/** Vectors have one dimension, matrices two, the fastest first. */
export function shapeOf(rows: number, columns: number): readonly number[] {
  return rows === 1 ? [columns] : [columns, rows];
}

export function randomGguf(options: RandomGguf): Buffer {
  const { metadata, tensors } = randomGgufParts(options);
  return ggufFile(metadata, tensors);
}
