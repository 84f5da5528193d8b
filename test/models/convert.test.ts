/** The converter: whole or not at all, the same bytes for the same model, and refusals by name. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ConversionError, type ModelSource } from '../../models/convert/model-source.js';
import { promptOf } from '../../models/convert/prompt-format.js';
import { writeRandomBundle } from '../../models/convert/random-bundle.js';
import { randomModel } from '../../models/convert/random-model.js';
import { openGguf } from '../../models/convert/read-gguf.js';
import { tokenizerJson } from '../../models/convert/tokenizer-json.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { ggufFile } from './gguf-file.js';

const folder = mkdtempSync(join(tmpdir(), 'candor-convert-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the same seed gives the same bundle, another seed another one', async () => {
  const [first, same, other] = await Promise.all([
    writeRandomBundle(join(folder, 'a'), { seed: 5 }),
    writeRandomBundle(join(folder, 'b'), { seed: 5 }),
    writeRandomBundle(join(folder, 'c'), { seed: 6 }),
  ]);
  expect(same.files).toEqual(first.files);
  expect(other.files).not.toEqual(first.files);
});

test('a conversion that fails leaves the earlier bundle and nothing else', async () => {
  const target = join(folder, 'kept');
  const before = await writeRandomBundle(target);
  const model = randomModel();
  const failing: ModelSource = {
    ...model,
    tensor: (name) =>
      name.startsWith('blk.3') ? Promise.reject(new ConversionError(`no ${name}`)) : model.tensor(name),
  };
  const options = { weights: 'fp32', exits: [2, 4], prompt: promptOf(model.vocabulary) } as const;
  await expect(writeBundle(failing, target, options)).rejects.toThrow('no blk.3');
  expect(JSON.parse(readFileSync(join(target, 'bundle.json'), 'utf8'))).toEqual(before);
  expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
});

test('a folder with other files in it is not replaced', async () => {
  const target = join(folder, 'thesis');
  await writeRandomBundle(target);
  rmSync(join(target, 'bundle.json'));
  writeFileSync(join(target, 'thesis.txt'), 'years of work');
  await expect(writeRandomBundle(target)).rejects.toThrow(/holds no bundle/);
  expect(existsSync(join(target, 'thesis.txt'))).toBe(true);
});

test('the last exit must be full depth', async () => {
  await expect(writeRandomBundle(join(folder, 'shallow'), { exits: [1, 2] })).rejects.toThrow(
    /must be layer 4/,
  );
});

test('an unknown way of cutting text is refused by name', () => {
  const { vocabulary } = randomModel();
  expect(() => tokenizerJson({ ...vocabulary, preTokenizer: 'llama-bpe' })).toThrow(/"llama-bpe"/);
});

test("forms that keep the source's four bits ask for four bits", async () => {
  const model = randomModel();
  const options = { weights: 'q4-folded', exits: [4], prompt: promptOf(model.vocabulary) } as const;
  await expect(writeBundle(model, join(folder, 'q4'), options)).rejects.toThrow(/layer0.*stored as F32/);
});

test('an architecture other than llama is refused by name', async () => {
  const file = join(folder, 'mamba.gguf');
  writeFileSync(file, ggufFile({ 'general.architecture': 'mamba' }, []));
  await expect(openGguf(file)).rejects.toThrow(/"mamba".*"llama" alone/);
});

test('a tensor type that is not read is refused by name, a missing tensor too', async () => {
  const file = join(folder, 'types.gguf');
  const Q6_K = 14;
  writeFileSync(
    file,
    ggufFile(METADATA, [
      { name: 'blk.0.attn_q.weight', shape: [256, 4], type: Q6_K, bytes: new Uint8Array(840) },
    ]),
  );
  await using source = await openGguf(file);
  await expect(source.tensor('blk.0.attn_q.weight')).rejects.toThrow(
    /blk\.0\.attn_q\.weight has the type Q6_K/,
  );
  await expect(source.tensor('blk.9.attn_q.weight')).rejects.toThrow(/no tensor blk\.9/);
});

test('a GGUF file that ends inside a tensor is refused', async () => {
  const file = join(folder, 'short.gguf');
  writeFileSync(
    file,
    ggufFile(METADATA, [{ name: 'output_norm.weight', shape: [256], type: 0, bytes: new Uint8Array(100) }]),
  );
  await using source = await openGguf(file);
  await expect(source.tensor('output_norm.weight')).rejects.toThrow(/ends inside tensor output_norm/);
});

const METADATA = {
  'general.architecture': 'llama',
  'llama.block_count': 1,
  'llama.context_length': 64,
  'llama.embedding_length': 256,
  'llama.feed_forward_length': 512,
  'llama.attention.head_count': 4,
  'llama.attention.head_count_kv': 2,
  'llama.attention.layer_norm_rms_epsilon': 1e-5,
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'smollm',
  'tokenizer.ggml.tokens': ['<|endoftext|>', 'a'],
  'tokenizer.ggml.token_type': [3, 1],
  'tokenizer.ggml.merges': ['a a'],
  'tokenizer.ggml.eos_token_id': 0,
};
