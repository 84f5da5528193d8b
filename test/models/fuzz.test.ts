/**
 * Mutated headers: every one is read, or refused with a ConversionError; none crashes, hangs or eats memory.
 * CANDOR_FUZZ sets how many of each format (default 300) and CANDOR_SEED which. The headers are small, so that a
 * change seldom falls into the middle of a long text, and a million take minutes.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ByteSource } from '../../models/convert/gguf-header.js';
import { readGgufHeader } from '../../models/convert/gguf-header.js';
import { ConversionError } from '../../models/convert/model-source.js';
import { ggufSource } from '../../models/convert/read-gguf.js';
import { readSafetensors } from '../../models/convert/safetensors.js';
import { writeCheckpoint } from './checkpoint-folder.js';
import { ggufFile } from './gguf-file.js';
import { randomGgufParts } from './random-gguf.js';
import { randomNumbers } from './random-tensors.js';

const runs = Number(process.env.CANDOR_FUZZ ?? 300);
const seed = Number(process.env.CANDOR_SEED ?? 20_261);
const folder = mkdtempSync(path.join(tmpdir(), 'candor-fuzz-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A file of `size` bytes, all of them 0 behind the header. */
const inMemory = (header: Uint8Array, size: number): ByteSource => ({
  size,
  read: (offset, length) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    bytes.set(header.subarray(offset, offset + bytes.length));
    return Promise.resolve(bytes);
  },
});

/** A few bytes of a header changed: flipped, made extreme, overwritten by others, or cut off, with all behind them. */
function mutated(original: Uint8Array, random: () => number): Uint8Array {
  // A Buffer's own slice would be a view of the original.
  let bytes: Uint8Array = new Uint8Array(original);
  const header = original.length;
  const below = (end: number): number => Math.floor(random() * end);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(header);
    switch (below(6)) {
      case 0:
        bytes[at]! ^= 1 << below(8);
        break;
      case 1:
        bytes[at] = below(256);
        break;
      case 2:
        bytes.subarray(at, at + 1 + below(8)).fill(255);
        break;
      case 3:
        bytes.subarray(at, at + 1 + below(8)).fill(0);
        break;
      case 4:
        bytes.copyWithin(at, below(header), below(header));
        break;
      default:
        if (below(8) === 0) bytes = bytes.slice(0, at);
    }
  }
  return bytes;
}

async function fuzz(
  file: Uint8Array,
  header: number,
  read: (bytes: ByteSource) => Promise<unknown>,
): Promise<{ accepted: number; refused: number }> {
  const original = file.subarray(0, header);
  const random = randomNumbers(seed);
  let accepted = 0;
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const bytes = mutated(original, random);
    try {
      await read(inMemory(bytes, bytes.length < header ? bytes.length : file.length));
      accepted++;
    } catch (error) {
      if (!(error instanceof ConversionError))
        throw new Error(`Run ${run} of seed ${seed} ends in ${String(error)}.`, { cause: error });
      refused++;
    }
  }
  return { accepted, refused };
}

const PATIENCE = { timeout: 60_000 + runs * 100 };

const TINY = { layers: 1, hidden: 32, heads: 2, keyValueHeads: 1, headSize: 16, feedForward: 32 };
const TINY_TOKENIZER = {
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'qwen2',
  'tokenizer.ggml.tokens': ['a', 'b', 'ab', '<|fim_prefix|>', '<|endoftext|>'],
  'tokenizer.ggml.token_type': [1, 1, 1, 3, 3],
  'tokenizer.ggml.merges': ['a b'],
  'tokenizer.ggml.eos_token_id': 4,
};

test(`${runs} GGUF headers`, PATIENCE, async () => {
  const { metadata, tensors } = randomGgufParts({
    family: 'qwen2',
    type: () => 'Q8_0',
    shape: TINY,
    tokenizer: TINY_TOKENIZER,
  });
  const file = ggufFile(metadata, tensors);
  const header = file.length - tensors.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const { accepted, refused } = await fuzz(file, header, async (bytes) =>
    ggufSource(bytes, await readGgufHeader(bytes), 'fuzz.gguf'),
  );
  expect(accepted + refused).toBe(runs);
  expect(refused).toBeGreaterThan(runs / 10);
  expect(process.memoryUsage().rss).toBeLessThan(1.5e9);
});

test(`${runs} safetensors headers`, PATIENCE, async () => {
  mkdirSync(folder, { recursive: true });
  writeCheckpoint(folder, { family: 'qwen2' });
  const file = readFileSync(path.join(folder, 'model.safetensors'));
  const header = 8 + Number(file.readBigUInt64LE());
  const { accepted, refused } = await fuzz(file, header, (bytes) =>
    readSafetensors(bytes, 'fuzz.safetensors'),
  );
  expect(accepted + refused).toBe(runs);
  expect(refused).toBeGreaterThan(runs / 10);
  expect(process.memoryUsage().rss).toBeLessThan(1.5e9);
});
