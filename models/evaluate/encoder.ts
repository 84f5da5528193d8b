/** A bundle's tokenizer as judging needs it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTokenizer } from '../../language-server/tokens/tokenizer.js';
import type { Encoder } from './score-passage.js';

export function readEncoder(folder: string): Encoder {
  const tokenizer = readTokenizer(readFileSync(join(folder, 'tokenizer.json'), 'utf8'), [0]);
  const decoder = new TextDecoder();
  return {
    encode: (text) => tokenizer.encode(text),
    textOf: (token) => decoder.decode(tokenizer.vocabulary.bytesOf(token)),
  };
}
