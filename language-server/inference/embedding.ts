/** The embedding table, read in JavaScript: a mixture of tokens becomes one weighted sum of rows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundle.js';
import type { TokenMixture } from './model.js';

export interface Embedding {
  /** Numbers in a row: the width of the network. */
  readonly width: number;
  /** Writes the row of `mixture` into `target` from `offset` on. */
  write(mixture: TokenMixture, target: Float32Array, offset: number): void;
}

/** Reads the whole table of a bundle into memory; 8-bit rows stay 8-bit. */
export async function readEmbedding(bundle: Bundle): Promise<Embedding> {
  const width = bundle.architecture.hidden;
  const rows = bundle.architecture.vocabulary;
  const { embedding } = bundle;
  const bytes = new Uint8Array(await readFile(join(bundle.folder, embedding.file)));
  if (embedding.bits === 32) {
    const end = embedding.rowsOffset + rows * width * 4;
    return fullPrecision(new Float32Array(bytes.buffer.slice(embedding.rowsOffset, end)), width);
  }
  const { blockSize, codesOffset, scalesOffset } = embedding;
  const codes = bytes.subarray(codesOffset, codesOffset + rows * width);
  const blocks = (rows * width) / blockSize;
  const halves = new Uint16Array(bytes.buffer.slice(scalesOffset, scalesOffset + blocks * 2));
  return eightBit(codes, Float32Array.from(halves, halfToNumber), width, blockSize);
}

function fullPrecision(rows: Float32Array, width: number): Embedding {
  return {
    width,
    write(mixture, target, offset) {
      target.fill(0, offset, offset + width);
      for (const [token, weight] of mixture) {
        const row = token * width;
        for (let i = 0; i < width; i++) target[offset + i]! += weight * rows[row + i]!;
      }
    },
  };
}

/** value = scale * (code - 128), one scale for `blockSize` neighbours. */
function eightBit(codes: Uint8Array, scales: Float32Array, width: number, blockSize: number): Embedding {
  const blocks = width / blockSize;
  return {
    width,
    write(mixture, target, offset) {
      target.fill(0, offset, offset + width);
      for (const [token, weight] of mixture) {
        const row = token * width;
        for (let i = 0; i < width; i++) {
          const scale = scales[token * blocks + Math.floor(i / blockSize)]!;
          target[offset + i]! += weight * (scale * (codes[row + i]! - 128));
        }
      }
    },
  };
}

/** IEEE 754 half precision, from its bits. */
function halfToNumber(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 0x400) * 2 ** (exponent - 15);
}
