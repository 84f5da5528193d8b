/** Checkpoints of random weights as they are published: safetensors in one file or several, config and tokenizer. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SourceVocabulary } from '../../models/convert/model-source.js';
import { randomModel } from '../../models/convert/random-model.js';
import { tokenizerJson } from '../../models/convert/tokenizer-json.js';
import { randomNumbers, randomTensor } from './random-tensors.js';

export interface CheckpointOptions {
  readonly family: 'llama' | 'qwen2' | 'qwen3' | 'mistral' | 'starcoder2';
  readonly dtype?: 'F32' | 'F16' | 'BF16';
  readonly shards?: number;
  readonly tied?: boolean;
  readonly config?: Readonly<Record<string, unknown>>;
}

const SHAPE = { layers: 2, hidden: 64, heads: 4, keyValueHeads: 2, headSize: 16, feedForward: 128 };

export function writeCheckpoint(folder: string, options: CheckpointOptions): void {
  const { family, dtype = 'F32', shards = 1, tied = true } = options;
  mkdirSync(folder, { recursive: true });
  const { vocabulary } = randomModel();
  const tensors = tensorsOf(options, vocabulary.tokens.length);
  const names = Object.keys(tensors);
  const map: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const part = names.filter((_, index) => index % shards === shard);
    const numbered = `model-0000${shard + 1}-of-0000${shards}.safetensors`;
    const file = shards === 1 ? 'model.safetensors' : numbered;
    for (const name of part) map[name] = file;
    writeFileSync(
      path.join(folder, file),
      safetensorsFile(Object.fromEntries(part.map((name) => [name, { dtype, ...tensors[name]! }]))),
    );
  }
  if (shards > 1) json(folder, 'model.safetensors.index.json', { metadata: {}, weight_map: map });
  json(folder, 'config.json', {
    model_type: family,
    hidden_size: SHAPE.hidden,
    intermediate_size: SHAPE.feedForward,
    num_hidden_layers: SHAPE.layers,
    num_attention_heads: SHAPE.heads,
    num_key_value_heads: SHAPE.keyValueHeads,
    head_dim: SHAPE.headSize,
    max_position_embeddings: 128,
    ...(family === 'starcoder2'
      ? { norm_epsilon: 1e-6, hidden_act: 'gelu_pytorch_tanh' }
      : { rms_norm_eps: 1e-6 }),
    rope_theta: 10_000,
    vocab_size: vocabulary.tokens.length,
    tie_word_embeddings: tied,
    eos_token_id: 0,
    ...options.config,
  });
  writeFileSync(path.join(folder, 'tokenizer.json'), publishedForm(vocabulary));
}

interface Described {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Any tensors as a file; tests change descriptions to lie. */
export function safetensorsFile(
  tensors: Readonly<Record<string, Described>>,
  change: (header: Record<string, unknown>) => Record<string, unknown> = (header) => header,
): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, (offset += bytes.length)] };
  }
  const text = Buffer.from(JSON.stringify(change(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(tensors).map(({ bytes }) => bytes)]);
}

function tensorsOf(
  { family, dtype = 'F32', tied = true }: CheckpointOptions,
  vocabulary: number,
): Record<string, Omit<Described, 'dtype'>> {
  const { layers, hidden, heads, keyValueHeads, headSize, feedForward } = SHAPE;
  const random = randomNumbers(7);
  const tensors: Record<string, Omit<Described, 'dtype'>> = {};
  const put = (name: string, shape: readonly number[], spread: number, middle = 0): void => {
    const count = shape.reduce((product, size) => product * size, 1);
    tensors[name] = { shape, bytes: randomTensor(dtype, count, spread, random, middle) };
  };
  put('model.embed_tokens.weight', [vocabulary, hidden], 0.5);
  const isStarCoder = family === 'starcoder2';
  const norm = (name: string): void => {
    put(`${name}.weight`, [hidden], 0.1, 1);
    if (isStarCoder) put(`${name}.bias`, [hidden], 0.2);
  };
  norm('model.norm');
  if (!tied) put('lm_head.weight', [vocabulary, hidden], 0.5);
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`;
    norm(`${at}.input_layernorm`);
    norm(`${at}.post_attention_layernorm`);
    const rows = { q: heads * headSize, k: keyValueHeads * headSize, v: keyValueHeads * headSize };
    for (const [name, count] of Object.entries(rows)) {
      put(`${at}.self_attn.${name}_proj.weight`, [count, hidden], 0.15);
      if (family === 'qwen2' || isStarCoder) put(`${at}.self_attn.${name}_proj.bias`, [count], 0.3);
    }
    put(`${at}.self_attn.o_proj.weight`, [hidden, heads * headSize], 0.15);
    if (family === 'qwen3') {
      put(`${at}.self_attn.q_norm.weight`, [headSize], 0.1, 1);
      put(`${at}.self_attn.k_norm.weight`, [headSize], 0.1, 1);
    }
    if (isStarCoder) {
      put(`${at}.self_attn.o_proj.bias`, [hidden], 0.2);
      put(`${at}.mlp.c_fc.weight`, [feedForward, hidden], 0.15);
      put(`${at}.mlp.c_fc.bias`, [feedForward], 0.3);
      put(`${at}.mlp.c_proj.weight`, [hidden, feedForward], 0.15);
      put(`${at}.mlp.c_proj.bias`, [hidden], 0.2);
      continue;
    }
    put(`${at}.mlp.gate_proj.weight`, [feedForward, hidden], 0.15);
    put(`${at}.mlp.up_proj.weight`, [feedForward, hidden], 0.15);
    put(`${at}.mlp.down_proj.weight`, [hidden, feedForward], 0.15);
  }
  return tensors;
}

/** As published: with a normal form, and markup that is not called special. */
function publishedForm(vocabulary: SourceVocabulary): string {
  const form = JSON.parse(tokenizerJson(vocabulary)) as { added_tokens: { special: boolean }[] };
  return JSON.stringify({ ...form, normalizer: { type: 'NFC' } });
}

function json(folder: string, file: string, value: object): void {
  writeFileSync(path.join(folder, file), JSON.stringify(value));
}
