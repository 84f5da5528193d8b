/** The tokenizer of a bundle: every text comes back byte for byte, and markup in it stays text. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytePairVocabulary } from '../../language-server/tokens/byte-pair-vocabulary.js';
import { readTokenizer, remembering } from '../../language-server/tokens/tokenizer.js';
import type { Tokenizer } from '../../language-server/tokens/vocabulary.js';
import { randomBundleFolder, removeBundle } from '../support/random-engine.js';

let folder: string;
let tokenizer: Tokenizer;

beforeAll(async () => {
  folder = await randomBundleFolder();
  tokenizer = readTokenizer(await readFile(path.join(folder, 'tokenizer.json'), 'utf8'), [0]);
});

afterAll(() => removeBundle(folder));

describe('readTokenizer', () => {
  test.each([
    'const a = 1;\r\n\tif (a) {}\n',
    '中文 👩‍💻 é \u{10ffff}',
    '   \n\n    return there\n',
    '<file_sep><|endoftext|>',
    '\u0000\u0007',
    '',
  ])('%j comes back byte for byte, without special tokens', (text) => {
    const { vocabulary } = tokenizer;
    const tokens = tokenizer.encode(text);
    const bytes = Buffer.concat(tokens.map((token) => vocabulary.bytesOf(token)));
    expect(bytes.toString('utf8')).toBe(text);
    expect(tokens.filter((token) => vocabulary.isSpecial(token))).toEqual([]);
  });

  test('special tokens are known by name, spell nothing, and some end the text', () => {
    const { vocabulary } = tokenizer;
    const separator = vocabulary.special('<file_sep>')!;
    expect(vocabulary.isSpecial(separator)).toBe(true);
    expect(vocabulary.bytesOf(separator)).toHaveLength(0);
    expect(vocabulary.special('<nonsense>')).toBeUndefined();
    expect([...vocabulary.endOfText]).toEqual([0]);
  });

  test('every byte has a token', () => {
    const { vocabulary } = tokenizer;
    const single = new Set<number>();
    for (let token = 0; token < vocabulary.size; token++) {
      const bytes = vocabulary.bytesOf(token);
      if (bytes.length === 1) single.add(bytes[0]!);
    }
    expect(single.size).toBe(256);
  });
});

test('a remembered text is encoded once, and only the last few are remembered', () => {
  let encoded = 0;
  const counting: Tokenizer = {
    vocabulary: tokenizer.vocabulary,
    encode: (text) => (encoded++, tokenizer.encode(text)),
  };
  const memory = remembering(counting, 2);
  for (const text of ['a', 'b', 'a', 'b', 'c', 'b', 'a'])
    expect(memory.encode(text)).toEqual(tokenizer.encode(text));
  expect(encoded).toBe(4);
});

test('a tokenizer of another kind is refused in words', () => {
  const description = {
    model: { type: 'Unigram', vocab: {} },
    added_tokens: [],
    decoder: { type: 'Metaspace' },
  };
  expect(() => bytePairVocabulary(description, [])).toThrow(/Unigram.*only byte-level BPE/);
});
