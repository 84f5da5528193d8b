/** Checkpoints in safetensors: the same numbers in one file or several, and refusals by name. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { promptOf } from '../../models/convert/prompt-format.js';
import { openCheckpoint } from '../../models/convert/read-checkpoint.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { loadWholeText } from '../../models/evaluate/whole-text.js';
import { safetensorsFile, writeCheckpoint, type CheckpointOptions } from './checkpoint-folder.js';
import { plainLogits } from './plain-decoder.js';

const root = mkdtempSync(path.join(tmpdir(), 'candor-checkpoint-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
let folders = 0;

function checkpoint(options: CheckpointOptions): string {
  const folder = path.join(root, `checkpoint-${folders++}`);
  writeCheckpoint(folder, options);
  return folder;
}

const TOKENS = [5, 70, 101, 33, 262, 18];
const yarn = {
  rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 32 },
};
const llama3 = {
  rope_parameters: {
    rope_type: 'llama3',
    rope_theta: 10_000,
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 64,
  },
};

describe('logits to 1e-3', () => {
  test.each<[string, CheckpointOptions]>([
    ['Llama, one file, float32', { family: 'llama' }],
    ['Mistral, its own name for the same', { family: 'mistral', tied: false }],
    ['Qwen2 with biases, three files, bfloat16', { family: 'qwen2', dtype: 'BF16', shards: 3 }],
    ['Qwen3 with norms of heads, float16', { family: 'qwen3', dtype: 'F16', tied: false }],
    ['StarCoder2 with biases everywhere', { family: 'starcoder2' }],
    ['stretched by YaRN', { family: 'qwen2', config: yarn }],
    ['stretched as Llama 3 is', { family: 'llama', config: llama3 }],
  ])('%s', async (_, options) => {
    await using source = await openCheckpoint(checkpoint(options));
    const bundle = path.join(root, `bundle-${folders++}`);
    await writeBundle(source, bundle, {
      weights: 'fp32',
      exits: [1, 2],
      prompt: promptOf(source.vocabulary),
    });
    const model = await loadWholeText(bundle, 1);
    const ours = await model.head(await model.read(TOKENS));
    await model.release();
    const theirs = (await plainLogits(source, TOKENS)).flatMap((row) => [...row]);
    expect(Math.max(...theirs.map((value, at) => Math.abs(value - ours[at]!)))).toBeLessThan(1e-3);
  });
});

describe('is refused by name', () => {
  const refused = async (options: CheckpointOptions, message: RegExp, spoil?: (folder: string) => void) => {
    const folder = checkpoint(options);
    spoil?.(folder);
    await expect(openCheckpoint(folder)).rejects.toThrow(message);
  };
  const file = (folder: string, name: string) => path.join(folder, name);

  test('another architecture', () =>
    refused({ family: 'llama', config: { model_type: 'mamba' } }, /"mamba".*qwen3/));
  test('Phi, whose layers are of another kind', () =>
    refused({ family: 'llama', config: { model_type: 'phi' } }, /"phi".*starcoder2/));
  test('another activation', () =>
    refused({ family: 'llama', config: { hidden_act: 'gelu' } }, /gelu.*silu/));
  test('a quantised checkpoint', () =>
    refused({ family: 'llama', config: { quantization_config: { bits: 4 } } }, /quantised/));
  test('another way of stretching positions', () =>
    refused(
      { family: 'llama', config: { rope_scaling: { type: 'longrope', factor: 2 } } },
      /"longrope".*yarn/,
    ));
  test('settings that contradict the tensors', () =>
    refused({ family: 'llama', config: { hidden_size: 32, head_dim: 16 } }, /token_embd.*64.*ask for.*32/));
  test('a model of absurd size', () =>
    refused({ family: 'llama', config: { num_hidden_layers: 1e12 } }, /1000000000000 for layers/));
  test('a tensor that is missing', () =>
    refused({ family: 'qwen2', config: { num_hidden_layers: 3 } }, /no tensor blk\.2/));
  test('a folder without config.json', () =>
    refused({ family: 'llama' }, /no readable config\.json/, (folder) => {
      rmSync(file(folder, 'config.json'));
    }));
  test('a tokenizer of another kind', () =>
    refused({ family: 'llama' }, /Unigram/, (folder) => {
      writeFileSync(
        file(folder, 'tokenizer.json'),
        JSON.stringify({ model: { type: 'Unigram', vocab: [] } }),
      );
    }));
  test('a file that is cut off', () =>
    refused({ family: 'llama' }, /model\.safetensors ends before tensor/, (folder) => {
      truncateSync(file(folder, 'model.safetensors'), 60_000);
    }));
  test('a header that is cut off', () =>
    refused({ family: 'llama' }, /ends inside its header/, (folder) => {
      truncateSync(file(folder, 'model.safetensors'), 600);
    }));
  test('a header of absurd length', () =>
    refused({ family: 'llama' }, /claims a header of/, (folder) => {
      writeFileSync(file(folder, 'model.safetensors'), Buffer.alloc(64, 0x7f));
    }));
  test('a header that would take gigabytes to parse', () =>
    refused({ family: 'llama' }, /claims a header of 80000001 bytes/, (folder) => {
      const header = Buffer.alloc(8 + 80_000_001, '[],');
      header.writeBigUInt64LE(80_000_001n);
      writeFileSync(file(folder, 'model.safetensors'), header);
    }));
  test('a tokenizer.json that would take gigabytes to parse', () =>
    refused({ family: 'llama' }, /tokenizer\.json is larger than 40 MB/, (folder) => {
      truncateSync(file(folder, 'tokenizer.json'), 40_000_001);
    }));
  test.each(['tokenizer.json', 'config.json'])('lists within lists within lists: %s', (name) =>
    refused({ family: 'llama' }, /more than 64 deep; it is damaged/, (folder) => {
      const json = JSON.parse(readFileSync(file(folder, name), 'utf8')) as object;
      const deep = '['.repeat(100_000) + ']'.repeat(100_000);
      writeFileSync(file(folder, name), `${JSON.stringify(json).slice(0, -1)},"more":${deep}}`);
    }),
  );
  test.each([
    '../../etc/passwd',
    '/etc/passwd.safetensors',
    'a/b.safetensors',
    '..\\b.safetensors',
    '.hidden.safetensors',
  ])('a shard outside the folder: %s', (name) =>
    refused({ family: 'llama', shards: 2 }, /which is no safetensors file of the folder/, (folder) => {
      const index = JSON.parse(readFileSync(file(folder, 'model.safetensors.index.json'), 'utf8')) as {
        weight_map: Record<string, string>;
      };
      index.weight_map['model.norm.weight'] = name;
      writeFileSync(file(folder, 'model.safetensors.index.json'), JSON.stringify(index));
    }),
  );
  test('a shard that is missing', () =>
    refused({ family: 'llama', shards: 2 }, /lacks model-00002/, (folder) => {
      rmSync(file(folder, 'model-00002-of-00002.safetensors'));
    }));
  test.each<[string, object, RegExp]>([
    ['offsets past the end', { data_offsets: [0, 2 ** 50] }, /bytes for a shape/],
    ['a shape that overflows', { shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] }, /bytes for a shape/],
    ['negative sizes', { shape: [-1, 4] }, /not understood/],
    ['a type of eight bits', { dtype: 'F8_E4M3' }, /F8_E4M3.*BF16/],
    ['five dimensions', { shape: [1, 1, 1, 1, 4] }, /5 dimensions/],
  ])('%s', (_, lie, message) =>
    refused({ family: 'llama' }, message, (folder) => {
      const bytes = new Uint8Array(16);
      writeFileSync(
        file(folder, 'model.safetensors'),
        safetensorsFile({ x: { dtype: 'F32', shape: [4], bytes } }, (header) => ({
          ...header,
          x: { ...(header.x as object), ...lie },
        })),
      );
    }),
  );
});
