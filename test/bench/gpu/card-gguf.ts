/**
 * GGUF files of random weights for llama.cpp on a card, which say how fast it is and nothing else:
 * `node --import tsx test/bench/gpu/card-gguf.ts shipped|coder FILE`.
 *
 * `shipped` has the shapes, the types and the tokens of the file that the model that ships was made of (Q4_1, the
 * embedding in Q8_0); `coder` those of the benchmark's bundle of the shape of a 1.5B coder (Q4_0, few tokens).
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseBundle } from '../../../language-server/inference/bundle.js';
import { planGguf, type RandomGguf } from '../../models/random-gguf.js';
import { writePlannedGguf } from '../../models/shaped-gguf.js';
import { tokenizerMetadata } from '../../models/tokenizer-gguf.js';
import { architecture as coder } from './coder-bundle.js';

const root = path.resolve(import.meta.dirname, '../../..');

const kinds: Readonly<Record<string, () => Promise<RandomGguf>>> = {
  shipped: async () => {
    const file = path.join(root, 'models/smollm2-135m/bundle.json');
    const { architecture, tokenizer } = parseBundle(await readFile(file, 'utf8'), file);
    const json = await readFile(path.join(path.dirname(file), tokenizer.file), 'utf8');
    return {
      family: 'llama',
      shape: architecture,
      type: (matrix) => (matrix === 'token_embd' ? 'Q8_0' : 'Q4_1'),
      tokenizer: tokenizerMetadata(json, 'smollm'),
    };
  },
  coder: () =>
    Promise.resolve({
      family: 'llama',
      shape: coder,
      type: (matrix) => (matrix === 'token_embd' ? 'Q8_0' : 'Q4_0'),
    }),
};

const [kind = '', file] = process.argv.slice(2);
const options = await kinds[kind]?.();
if (options === undefined || file === undefined) {
  console.error(`Usage: node --import tsx test/bench/gpu/card-gguf.ts ${Object.keys(kinds).join('|')} FILE`);
  process.exitCode = 2;
} else {
  console.log(`${file}: ${(writePlannedGguf(file, planGguf(options)) / 1e6).toFixed(1)} MB`);
}
