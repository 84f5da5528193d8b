/** GGUF files that are damaged or mean harm: each a clear message, little memory, nothing left behind. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConversionError } from '../../models/convert/model-source.js';
import { addModel } from '../../models/manage/add-model.js';
import { ggufFile, type GgufTensor, type Value } from './gguf-file.js';
import { randomGguf, randomGgufParts } from './random-gguf.js';

const root = mkdtempSync(path.join(tmpdir(), 'candor-hostile-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
const store = path.join(root, 'store');
let files = 0;

/** Adding it fails with a sentence, within so many megabytes, and the store holds nothing of it. */
async function refused(bytes: Uint8Array, message: RegExp): Promise<void> {
  const file = path.join(root, `${files++}.gguf`);
  writeFileSync(file, bytes);
  const before = process.memoryUsage().rss;
  const error: unknown = await addModel({ from: file, store }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConversionError);
  const { message: said } = error as ConversionError;
  expect(said).toMatch(message);

  expect(said).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  expect(said.length).toBeLessThan(1000);
  expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  expect(readdirSync(store)).toEqual([]);
  rmSync(file);
}

const good = () => randomGgufParts({ family: 'qwen2', type: () => 'Q8_0', shape: { layers: 1 } });
const whole = (change: (parts: { metadata: Record<string, Value>; tensors: GgufTensor[] }) => void) => {
  const parts = good();
  change(parts);
  return ggufFile(parts.metadata, parts.tensors);
};
/** A header that claims these counts and holds nothing. */
function claims(tensors: bigint, entries: bigint, length = 4096): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write('GGUF');
  bytes.writeUInt32LE(3, 4);
  bytes.writeBigUInt64LE(tensors, 8);
  bytes.writeBigUInt64LE(entries, 16);
  return bytes;
}

describe('the file', () => {
  test('with another magic', () => refused(Buffer.from('GGML, of old, and some more bytes'), /no GGUF file/));
  test('of another version', () => {
    const bytes = claims(0n, 0n);
    bytes.writeUInt32LE(9, 4);
    return refused(bytes, /version 9; versions 2 and 3/);
  });
  test('of the other byte order', () => {
    const bytes = claims(0n, 0n);
    bytes.writeUInt32BE(3, 4);
    return refused(bytes, /version 50331648; .*little-endian/);
  });
  test('that is empty', () => refused(new Uint8Array(0), /no GGUF file/));
  test('that ends in its first bytes', () => refused(claims(1n, 1n).subarray(0, 12), /cut off/));
  test('that claims 10^12 tensors', () => refused(claims(10n ** 12n, 1n), /claims 1000000000000 tensors/));
  test('that claims 2^64 - 1 entries', () =>
    refused(claims(1n, 2n ** 64n - 1n), /metadata entries; at most/));
  test('that claims more than it has bytes for', () =>
    refused(claims(90_000n, 3n), /too short; it is cut off/));
  test('that is full of zeros', () => refused(claims(100n, 100n, 3_000_000), /./));
  test.each([0.1, 0.4, 0.7, 0.95])('that is cut off at %s of it', (share) => {
    const bytes = randomGguf({ family: 'qwen2', type: () => 'Q8_0' });
    return refused(bytes.subarray(0, Math.floor(bytes.length * share)), /cut off|damaged/);
  });
});

describe('a tensor', () => {
  test('that is missing', () =>
    refused(
      whole(({ tensors }) => tensors.splice(4, 1)),
      /no tensor blk\.0\./,
    ));
  test('whose shape contradicts the metadata', () =>
    refused(
      whole(({ metadata }) => (metadata['qwen2.feed_forward_length'] = 4096)),
      /ffn_gate\.weight is 512 by 256, where .* 4096 by 256/,
    ));
  test('whose size overflows', () =>
    refused(
      whole(({ tensors }) => (tensors[0] = { ...tensors[0]!, shape: [2 ** 31 - 32, 2 ** 31 - 1] })),
      /beyond the end/,
    ));
  test('with a dimension of 2^50', () =>
    refused(
      whole(({ tensors }) => (tensors[0] = { ...tensors[0]!, shape: [2 ** 50, 1] })),
      /damaged.*dimension 0 is 1125899906842624/,
    ));
  test('with no values', () =>
    refused(
      whole(({ tensors }) => (tensors[0] = { ...tensors[0]!, shape: [0, 0] })),
      /shape of 0 by 0/,
    ));
  test('of four dimensions', () =>
    refused(
      whole(({ tensors }) => (tensors[0] = { ...tensors[0]!, shape: [16, 16, 1, 273] })),
      /4 dimensions/,
    ));
  test('of a type that is not read', () =>
    refused(
      whole(({ tensors }) => (tensors[0] = { ...tensors[0]!, type: 10 })),
      /type Q2_K, which .* reads F32/,
    ));
  test('of a type that nobody knows', () =>
    refused(
      whole(({ tensors }) => (tensors[0] = { ...tensors[0]!, type: 12_345 })),
      /type number 12345/,
    ));
  test('that stands twice', () =>
    refused(
      whole(({ tensors }) => tensors.push(tensors[0]!)),
      /two tensors named "token_embd/,
    ));
  test('that no graph would use', () =>
    refused(
      whole(({ tensors }) => tensors.push({ ...tensors[0]!, name: 'blk.0.ffn_gate_inp.weight' })),
      /ffn_gate_inp/,
    ));
  test('with a name that would move a terminal', () =>
    refused(
      whole(({ tensors }) => tensors.push({ ...tensors[0]!, name: '\u001b[2J\u0007../../evil', type: 10 })),
      /Tensor "�\[2J�\.\.\/\.\.\/evil" has the type Q2_K/,
    ));
});

describe('metadata', () => {
  const withMetadata = (key: string, value: Value) =>
    whole(({ metadata }) => {
      metadata[key] = value;
    });
  test.each<[string, string, Value, RegExp]>([
    ['of another family', 'general.architecture', 'mamba', /"mamba" cannot be converted; those of llama/],
    [
      'of the first StarCoder',
      'general.architecture',
      'starcoder',
      /"starcoder" cannot be converted; those of llama/,
    ],
    ['of a hostile family', 'general.architecture', '__proto__\u001b]0;x\u0007', /cannot be converted/],
    ['with a million layers', 'qwen2.block_count', 1_000_000, /1000000 for layers/],
    ['with heads that do not share', 'qwen2.attention.head_count_kv', 3, /4 attention heads cannot share 3/],
    ['with no heads', 'qwen2.attention.head_count', 0, /for heads|headSize/],
    ['with a list for a number', 'qwen2.embedding_length', [256, 256], /no usable qwen2\.embedding_length/],
    ['with experts', 'qwen2.expert_count', 8, /mixture of experts/],
    ['with a part of each head turned', 'qwen2.rope.dimension_count', 32, /part of each head/],
    ['with another scaling', 'qwen2.rope.scaling.type', 'longrope', /"longrope"; linear, yarn/],
    ['in several parts', 'split.count', 3, /one of 3 parts/],
    ['with another tokenizer', 'tokenizer.ggml.model', 'bert', /kind "bert"; "gpt2"/],
    ['with another cut', 'tokenizer.ggml.pre', 'tekken', /way "tekken"/],
    ['with a hostile cut', 'tokenizer.ggml.pre', '__proto__', /way "__proto__"/],
    ['with an alignment of 3', 'general.alignment', 3, /no power of two|beyond|damaged/],
  ])('%s', (_, key, value, message) => refused(withMetadata(key, value), message));
});

test('a name that is a path stays in the store', async () => {
  const file = path.join(root, 'path.gguf');
  const parts = good();
  parts.metadata['general.name'] = '../../../etc/\u001b[31mpasswd\u0000';
  writeFileSync(file, ggufFile(parts.metadata, parts.tensors));
  const { name } = await addModel({ from: file, store });
  expect(name).toBe('etc-31mpasswd');
  expect(readdirSync(store)).toEqual([name]);
  rmSync(path.join(store, name), { recursive: true });
});
