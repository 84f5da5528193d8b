/**
 * Token ids of a bundle's tokenizer beside llama.cpp's, line by line and in runs of lines:
 * `node --import tsx models/evaluate/compare-ids.ts --gguf FILE FOLDER [--write GOLDEN.json]`.
 * With --write, llama.cpp's ids of some lines become the golden file of the tests.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { codeLines } from './code-lines.js';
import { readEncoder } from './encoder.js';
import { loadLlama } from './llama.js';

const LINES_A_RUN = 20;

/** Texts that code seldom holds, and that cutting rules differ over. */
const ODD_TEXTS = [
  '',
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
  '<|endoftext|> <file_sep> <|im_start|>user',
  'snake_case camelCase PascalCase SCREAMING_CASE kebab-case $dollar #private @decorator',
  '!==>>>=<<=**=??=?.=>;;;}})]',
  '"""doc""" \'\'\' ``` `${a}` \\n \\u0041 \\x41',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { gguf: { type: 'string' }, write: { type: 'string' } },
});
const [folder] = positionals;
if (folder === undefined || values.gguf === undefined)
  throw new Error('Name a bundle folder, and the GGUF with --gguf.');
const llama = await loadLlama(values.gguf);
const encoder = readEncoder(folder);

const lines = codeLines();
const runs = Array.from({ length: Math.ceil(lines.length / LINES_A_RUN) }, (_, index) =>
  lines.slice(index * LINES_A_RUN, (index + 1) * LINES_A_RUN).join('\n'),
);
for (const [name, texts] of Object.entries({ lines, runs, 'odd texts': ODD_TEXTS })) {
  const differing = texts.filter((text) => String(encoder.encode(text)) !== String(llama.encode(text)));
  console.log(`${name}: ${texts.length - differing.length} of ${texts.length} have equal ids`);
  for (const text of differing.slice(0, 5)) {
    console.log(JSON.stringify({ text, bundle: encoder.encode(text), llama: llama.encode(text) }));
  }
}
if (values.write !== undefined) {
  const sample = [...ODD_TEXTS, ...lines.filter((_, index) => index % 100 === 0)];
  const golden = sample.map((text) => ({ text, ids: llama.encode(text) }));
  writeFileSync(values.write, `[\n${golden.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`);
}
process.exit(0);
