/** The folder of a published checkpoint as a model source: safetensors, config.json and tokenizer.json. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { architectureOfConfig, parsedJson, readConfig, rotaryOfConfig } from './checkpoint-config.js';
import { checkTensors } from './families.js';
import { openBytes } from './gguf-header.js';
import { shown } from './shown.js';
import { ConversionError, type ModelSource, type SourceVocabulary } from './model-source.js';
import type { Overrides } from './read-gguf.js';
import { readSafetensors, type FileTensor } from './safetensors.js';
import { takeTokenizer } from './take-tokenizer.js';
import { bytesPerRow } from './tensor-types.js';

/** A checkpoint whose files are held open; dispose it when the conversion is over. */
export interface CheckpointSource extends ModelSource, AsyncDisposable {}

const INDEX = 'model.safetensors.index.json';
const SINGLE = 'model.safetensors';

/** The largest JSON file that is read: published tokenizers stay below it, and parsing it takes below a gigabyte. */
const MOST_JSON_BYTES = 40_000_000;

/** Names of published checkpoints and those of GGUF. */
const IN_LAYER: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};
const OUTSIDE: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'model.norm.bias': 'output_norm.bias',
  'lm_head.weight': 'output.weight',
};

/** @throws ConversionError for a folder that lacks a file, or a model that the converter does not know. */
export async function openCheckpoint(folder: string, overrides: Overrides = {}): Promise<CheckpointSource> {
  const config = readConfig(await textOf(folder, 'config.json'));
  const architecture = architectureOfConfig(config);
  const vocabulary = await tokenizerOf(folder, architecture.vocabulary, [config.eos_token_id].flat());
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const file of opened) await file.close();
  };
  try {
    const tensors = new Map<string, FileTensor>();
    for (const file of await weightFiles(folder)) {
      const bytes = await openBytes(join(folder, file));
      opened.push(bytes.file);
      for (const [name, tensor] of await readSafetensors(bytes, file)) {
        const known = ggufName(name);
        // A tied head may be stored all the same; it is the embedding.
        if (known === undefined || (known === 'output.weight' && config.tie_word_embeddings)) continue;
        if (tensors.has(known)) throw new ConversionError(`Two files hold the tensor ${shown(name)}.`);
        tensors.set(known, tensor);
      }
    }
    checkTensors(architecture, tensors);
    const rotary = rotaryOfConfig(config, architecture);
    return {
      name: overrides.name ?? basename(resolve(folder)),
      architecture,
      vocabulary,
      licence: overrides.licence ?? 'unknown',
      provenance: { file: basename(resolve(folder)), ...overrides.provenance },
      trainedExits: config.trained_exits ?? [],
      ...(rotary && { rotary }),
      shape: (name) => tensors.get(name),
      tensor: async (name, first = 0, end) => {
        const info = tensors.get(name);
        if (info === undefined) throw new ConversionError(`The checkpoint has no tensor ${name}.`);
        const { type, columns, rows, offset, bytes } = info;
        const count = (end ?? rows) - first;
        const size = bytesPerRow(type, columns);
        const piece = await bytes.read(offset + first * size, count * size);
        if (piece.length !== count * size)
          throw new ConversionError(`A file of the checkpoint ends inside tensor ${name}; it is cut off.`);
        return { rows: count, columns, type, bytes: piece };
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Files with weights: the one, or those that the index names, which must lie in the folder itself. */
async function weightFiles(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder);
  if (!files.includes(INDEX)) {
    if (files.includes(SINGLE)) return [SINGLE];
    throw new ConversionError(`The folder ${folder} holds neither ${SINGLE} nor ${INDEX}.`);
  }
  const index = z
    .object({ weight_map: z.record(z.string(), z.string()) })
    .safeParse(parsedJson(await textOf(folder, INDEX), INDEX));
  if (!index.success) throw new ConversionError(`${INDEX} does not say which file holds which tensor.`);
  const named = [...new Set(Object.values(index.data.weight_map))].sort();
  for (const file of named) {
    if (!/^[\w-][\w.-]*\.safetensors$/.test(file))
      throw new ConversionError(
        `${INDEX} names the file ${shown(file)}, which is no safetensors file of the folder.`,
      );
    if (!files.includes(file))
      throw new ConversionError(`The folder ${folder} lacks ${file}, which ${INDEX} names.`);
  }
  return named;
}

function ggufName(name: string): string | undefined {
  if (name.endsWith('.rotary_emb.inv_freq')) return undefined;
  const inLayer = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name);
  if (!inLayer) return own(OUTSIDE, name) ?? name;
  const [, layer, part, kind] = inLayer;
  return `blk.${layer}.${own(IN_LAYER, part!) ?? part}.${kind}`;
}

/** What a table says of a word of the file, which may be one that all objects have, such as `constructor`. */
function own(table: Readonly<Record<string, string>>, word: string): string | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

async function tokenizerOf(
  folder: string,
  vocabulary: number,
  ends: readonly (number | null | undefined)[],
): Promise<SourceVocabulary> {
  const settings = z
    .looseObject({
      add_bos_token: z.boolean().optional(),
      bos_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish(),
    })
    .safeParse(parsedJson(await textOf(folder, 'tokenizer_config.json', '{}'), 'tokenizer_config.json'));
  const { add_bos_token: beginsText, bos_token: bos } = settings.success ? settings.data : {};
  const begin = typeof bos === 'object' ? bos?.content : bos;
  return takeTokenizer(await textOf(folder, 'tokenizer.json'), {
    vocabulary,
    endOfText: ends.flatMap((id) =>
      id != null && Number.isInteger(id) && 0 <= id && id < vocabulary ? id : [],
    ),
    ...(beginsText !== undefined && { beginsText }),
    ...(begin != null && { begin }),
  });
}

async function textOf(folder: string, file: string, otherwise?: string): Promise<string> {
  const where = join(folder, file);
  try {
    const { size } = await stat(where);
    if (size <= MOST_JSON_BYTES) return await readFile(where, 'utf8');
  } catch (error) {
    if (otherwise !== undefined) return otherwise;
    throw new ConversionError(`The folder ${folder} has no readable ${file}.`, { cause: error });
  }
  throw new ConversionError(`${file} is larger than ${MOST_JSON_BYTES / 1e6} MB, which no model needs.`);
}
