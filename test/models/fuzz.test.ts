/**
 * Mutated headers: every one is read, or refused with a ConversionError; none crashes, hangs or eats memory.
 * CANDOR_FUZZ sets how many of each format (default 300) and CANDOR_SEED which.
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

const inMemory = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
});

/** A few bytes changed, most of them in the header: flipped, made extreme, overwritten by others, or cut off. */
function mutated(original: Uint8Array, header: number, random: () => number): Uint8Array {
  // A Buffer's own slice would be a view of the original.
  let bytes: Uint8Array = new Uint8Array(original);
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
  original: Uint8Array,
  header: number,
  read: (bytes: ByteSource) => Promise<unknown>,
): Promise<{ accepted: number; refused: number }> {
  const random = randomNumbers(seed);
  let accepted = 0;
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const bytes = mutated(original, header, random);
    try {
      await read(inMemory(bytes));
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

test(`${runs} GGUF headers`, PATIENCE, async () => {
  const shape = { layers: 1, hidden: 32, heads: 2, keyValueHeads: 1, headSize: 16, feedForward: 32 };
  const { metadata, tensors } = randomGgufParts({ family: 'qwen2', type: () => 'Q8_0', shape });
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
