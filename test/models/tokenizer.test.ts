/** The rebuilt tokenizer gives the ids that llama.cpp gave for the same text (written by models/evaluate/compare-ids.ts). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTokenizer } from '../../language-server/tokens/tokenizer.js';

const tokenizer = readTokenizer(readFileSync('models/smollm2-135m/tokenizer.json', 'utf8'), [0]);
const golden = JSON.parse(readFileSync('test/models/golden/ids.json', 'utf8')) as {
  text: string;
  ids: number[];
}[];

test.each(golden)('$text', ({ text, ids }) => {
  expect(tokenizer.encode(text)).toEqual(ids);
});
