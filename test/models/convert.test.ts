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
import { randomGguf } from './random-gguf.js';

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
  if (vocabulary.kind !== 'byte-level') throw new Error('The random model has another kind of vocabulary.');
  expect(() => tokenizerJson({ ...vocabulary, preTokenizer: 'tekken' })).toThrow(/"tekken"/);
});

test("forms that keep the source's four bits ask for four bits", async () => {
  const model = randomModel();
  const options = { weights: 'q4-folded', exits: [4], prompt: promptOf(model.vocabulary) } as const;
  await expect(writeBundle(model, join(folder, 'q4'), options)).rejects.toThrow(
    /blk.0.attn_q.weight is stored as F32/,
  );
});

test('the order of infilling is the one that the file names, else that of published models', async () => {
  const file = join(folder, 'infilling.gguf');
  const named = Object.fromEntries(
    ['pre', 'suf', 'mid'].map((part, at) => [`tokenizer.ggml.fim_${part}_token_id`, at + 5]),
  );
  const orderOf = async (order: Record<string, string>) => {
    writeFileSync(file, randomGguf({ family: 'llama', type: () => 'F32', metadata: { ...named, ...order } }));
    await using source = await openGguf(file);
    return promptOf(source.vocabulary).fillInTheMiddle?.order;
  };
  expect(await orderOf({})).toBe('prefix-first');
  expect(await orderOf({ 'candor.infilling_order': 'suffix-first' })).toBe('suffix-first');
});

test('an unknown architecture is refused by name', async () => {
  const file = join(folder, 'mamba.gguf');
  writeFileSync(file, ggufFile({ 'general.architecture': 'mamba' }, []));
  await expect(openGguf(file)).rejects.toThrow(/"mamba".*llama, qwen2, qwen3/);
});
