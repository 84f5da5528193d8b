/** A bundle of random weights of the shape of a 1.5B coder, for measuring speed alone. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readBundle, type Bundle } from '../../../language-server/inference/bundle.js';
import { toFloat16 } from '../../../models/convert/float16.js';
import type { ModelSource } from '../../../models/convert/model-source.js';
import { promptOf } from '../../../models/convert/prompt-format.js';
import { randomModel } from '../../../models/convert/random-model.js';
import { writeBundle } from '../../../models/convert/write-bundle.js';
import { integerBelow, randomFor } from '../random.js';

export const architecture = {
  layers: 28,
  hidden: 1536,
  heads: 12,
  keyValueHeads: 2,
  headSize: 128,
  feedForward: 8960,
  context: 4096,
};

/**
 * Made once, in seconds. The shape is Qwen2.5-Coder-1.5B's but for the vocabulary, which is the random model's
 * own few hundred tokens: so the head, a seventh of the real model's weights, costs nothing here.
 */
export async function coderBundle(folder: string, progress: (line: string) => void): Promise<Bundle> {
  if (!existsSync(path.join(folder, 'bundle.json'))) {
    progress(`Making ${folder}.`);
    const source = inBlocks(randomModel({ architecture }));
    const prompt = promptOf(source.vocabulary);
    await writeBundle(source, folder, { weights: 'kept', exits: [7, 14, 21, 28], prompt });
  }
  return readBundle(folder);
}

/** Bytes and values of a block of Q4_0: a scale of sixteen bits, and codes of four around 8. */
const BLOCK_BYTES = 18;
const BLOCK_VALUES = 32;

/** The matrices of the layers as random blocks of four bits, which nobody need round: that would take half an hour. */
function inBlocks(source: ModelSource): ModelSource {
  const shape: ModelSource['shape'] = (name) => {
    const given = source.shape(name);
    return given && name.startsWith('blk.') && given.rows > 1 ? { ...given, type: 'Q4_0' } : given;
  };
  return {
    ...source,
    shape,
    tensor: (name, first = 0, end) => {
      const stored = shape(name);
      if (stored?.type !== 'Q4_0') return source.tensor(name, first, end);
      const { columns, type } = stored;
      const rows = (end ?? stored.rows) - first;
      const bytes = randomBytes(`${name} ${first}`, (rows * columns * BLOCK_BYTES) / BLOCK_VALUES);
      // Codes of any value as likely as any other lie 4.6 apart from 8, in the mean.
      const scale = toFloat16(1 / Math.sqrt(columns) / 4.6);
      for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
        bytes[at] = scale & 255;
        bytes[at + 1] = scale >> 8;
      }
      return Promise.resolve({ rows, columns, type, bytes });
    },
  };
}

/** Marsaglia's xorshift, 2003, since these are hundreds of millions of bytes. `length` is a multiple of four. */
function randomBytes(name: string, length: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  let state = 1 + integerBelow(2 ** 31, randomFor(1, name));
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer);
}
