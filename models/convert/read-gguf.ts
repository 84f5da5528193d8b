/** A GGUF file as a model source: checks its architecture by name, reads tensors one at a time. */
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { GGMLQuantizationType, gguf, type GGUFParseOutput } from '@huggingface/gguf';
import { z } from 'zod';
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import {
  ConversionError,
  type ModelSource,
  type SourceTensor,
  type SourceVocabulary,
  type TensorType,
} from './model-source.js';
import { pairHalvesApart } from './rotary-rows.js';
import { bytesPerRow } from './tensor-types.js';

/** A GGUF file held open; dispose it when the conversion is over. */
export interface GgufSource extends ModelSource, AsyncDisposable {}

const TENSOR_TYPES: Readonly<Partial<Record<GGMLQuantizationType, TensorType>>> = {
  [GGMLQuantizationType.F32]: 'F32',
  [GGMLQuantizationType.F16]: 'F16',
  [GGMLQuantizationType.Q4_0]: 'Q4_0',
  [GGMLQuantizationType.Q4_1]: 'Q4_1',
  [GGMLQuantizationType.Q8_0]: 'Q8_0',
};

/** GGUF writes licences in lower case. */
const SPDX: Readonly<Record<string, string>> = { 'apache-2.0': 'Apache-2.0', mit: 'MIT' };

const CONTROL_TOKEN = 3;

const metadataSchema = z.object({
  'general.architecture': z.string(),
  'general.name': z.string().default('unnamed'),
  'general.license': z.string().default('unknown'),
  'llama.block_count': z.number(),
  'llama.context_length': z.number(),
  'llama.embedding_length': z.number(),
  'llama.feed_forward_length': z.number(),
  'llama.attention.head_count': z.number(),
  'llama.attention.head_count_kv': z.number(),
  'llama.rope.freq_base': z.number().default(10_000),
  'llama.rope.dimension_count': z.number().optional(),
  'llama.rope.scaling.type': z.literal('none').optional(),
  'llama.attention.layer_norm_rms_epsilon': z.number(),
  'tokenizer.ggml.model': z.literal('gpt2'),
  'tokenizer.ggml.pre': z.string(),
  'tokenizer.ggml.tokens': z.array(z.string()),
  'tokenizer.ggml.token_type': z.array(z.number()),
  'tokenizer.ggml.merges': z.array(z.string()),
  'tokenizer.ggml.eos_token_id': z.number(),
  'candor.trained_exits': z.array(z.number()).optional(),
});
type Metadata = z.infer<typeof metadataSchema>;

/**
 * Opens a GGUF file.
 * @throws ConversionError for an architecture, tokenizer or tensor type that the converter does not know.
 */
export async function openGguf(
  path: string,
  overrides: { name?: string; provenance?: Record<string, string> } = {},
): Promise<GgufSource> {
  const parsed = await gguf(path, { allowLocalFile: true });
  const metadata = readMetadata(parsed);
  const file = await open(path, 'r');
  const architecture = readArchitecture(metadata);
  const infos = new Map(parsed.tensorInfos.map((info) => [info.name, info]));
  if (infos.has('output.weight')) {
    throw new ConversionError(
      'The model has an output matrix of its own (output.weight); only a tied one can be converted.',
    );
  }
  return {
    name: overrides.name ?? metadata['general.name'],
    architecture: { ...architecture, vocabulary: metadata['tokenizer.ggml.tokens'].length },
    vocabulary: readVocabulary(metadata),
    licence: SPDX[metadata['general.license']] ?? metadata['general.license'],
    provenance: { file: basename(path), ...overrides.provenance },
    trainedExits: metadata['candor.trained_exits'] ?? [],
    tensor: async (name) => {
      const info = infos.get(name);
      if (info === undefined) throw new ConversionError(`The GGUF file has no tensor ${name}.`);
      const type = TENSOR_TYPES[info.dtype];
      if (type === undefined) {
        throw new ConversionError(
          `Tensor ${name} has the type ${GGMLQuantizationType[info.dtype]}, which the converter does not read.`,
        );
      }
      const columns = Number(info.shape[0]);
      const rows = Number(info.shape[1] ?? 1n);
      const offset = Number(parsed.tensorDataOffset + info.offset);
      const bytes = await readRange(file, offset, rows * bytesPerRow(type, columns), name);
      return inHalves(name, { rows, columns, type, bytes }, architecture.headSize);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function readMetadata(parsed: GGUFParseOutput): Metadata {
  const architecture = parsed.metadata['general.architecture'];
  if (architecture !== 'llama') {
    throw new ConversionError(
      `The GGUF file holds the architecture "${architecture}"; the converter knows "llama" alone.`,
    );
  }
  const result = metadataSchema.safeParse(parsed.metadata);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new ConversionError(
    `The GGUF metadata cannot be converted: ${issue.path.join('.')}: ${issue.message}.`,
  );
}

function readArchitecture(metadata: Metadata): BundleArchitecture {
  const hidden = metadata['llama.embedding_length'];
  const heads = metadata['llama.attention.head_count'];
  const headSize = hidden / heads;
  if ((metadata['llama.rope.dimension_count'] ?? headSize) !== headSize) {
    throw new ConversionError('The model rotates a part of each head only, which the graphs do not do.');
  }
  return {
    family: 'llama',
    layers: metadata['llama.block_count'],
    hidden,
    heads,
    keyValueHeads: metadata['llama.attention.head_count_kv'],
    headSize,
    feedForward: metadata['llama.feed_forward_length'],
    vocabulary: metadata['tokenizer.ggml.tokens'].length,
    context: metadata['llama.context_length'],
    ropeBase: metadata['llama.rope.freq_base'],
    // GGUF stores a float32; the shortest decimal that rounds to it is the number that was meant.
    normEpsilon: Number(metadata['llama.attention.layer_norm_rms_epsilon'].toPrecision(7)),
  };
}

function readVocabulary(metadata: Metadata): SourceVocabulary {
  const tokens = metadata['tokenizer.ggml.tokens'];
  const controlTokens = metadata['tokenizer.ggml.token_type'].flatMap((type, id) =>
    type === CONTROL_TOKEN ? [id] : [],
  );
  // A chat model ends a turn with its own token; ahead of instruction tuning texts ended with this one.
  const textEnds = controlTokens.filter((id) => tokens[id] === '<|endoftext|>');
  return {
    tokens,
    merges: metadata['tokenizer.ggml.merges'],
    controlTokens,
    preTokenizer: metadata['tokenizer.ggml.pre'],
    endOfText: [...new Set([...textEnds, metadata['tokenizer.ggml.eos_token_id']])].sort((a, b) => a - b),
  };
}

/** llama.cpp rotates neighbours, so GGUF interleaves the two halves of each query and key head; this undoes it. */
function inHalves(name: string, tensor: SourceTensor, headSize: number): SourceTensor {
  return /\.attn_[qk]\.weight$/.test(name) ? pairHalvesApart(tensor, headSize) : tensor;
}

async function readRange(
  file: FileHandle,
  offset: number,
  length: number,
  name: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  if (bytesRead !== length)
    throw new ConversionError(`The GGUF file ends inside tensor ${name}; it is cut off.`);
  return bytes;
}
