/** The embedding table, read in JavaScript: a mixture of tokens becomes one weighted sum of rows. */
import { open, type FileHandle } from 'node:fs/promises';
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
  const { hidden: width, vocabulary } = bundle.architecture;
  const { embedding } = bundle;
  const values = vocabulary * width;
  const file = await open(join(bundle.folder, embedding.file));
  try {
    const part = async (offset: number, bytes: number): Promise<ArrayBuffer> => {
      const buffer = new ArrayBuffer(bytes);
      await readAll(file, new Uint8Array(buffer), offset);
      return buffer;
    };
    if (embedding.bits === 32)
      return fullPrecision(new Float32Array(await part(embedding.rowsOffset, values * 4)), width);
    const { blockSize, codesOffset, scalesOffset, offsetsOffset } = embedding;
    const halves = async (offset: number): Promise<Float32Array> =>
      Float32Array.from(new Uint16Array(await part(offset, (values / blockSize) * 2)), halfToNumber);
    const codes = new Uint8Array(await part(codesOffset, values));
    const scales = await halves(scalesOffset);
    const offsets = offsetsOffset === undefined ? undefined : await halves(offsetsOffset);
    return eightBit(codes, scales, offsets, width, blockSize);
  } finally {
    await file.close();
  }
}

async function readAll(file: FileHandle, target: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < target.length;) {
    const most = Math.min(target.length - done, MOST_READ);
    const { bytesRead } = await file.read(target, done, most, from + done);
    if (bytesRead === 0) throw new Error('The embedding table ends too early.');
    done += bytesRead;
  }
}

/** Bytes of one read: the system's limit lies just below two gigabytes. */
const MOST_READ = 2 ** 30;

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

/** value = scale * (code - 128) + offset, one scale and one offset for `blockSize` neighbours. */
function eightBit(
  codes: Uint8Array,
  scales: Float32Array,
  offsets: Float32Array | undefined,
  width: number,
  blockSize: number,
): Embedding {
  const blocks = width / blockSize;
  return {
    width,
    write(mixture, target, offset) {
      target.fill(0, offset, offset + width);
      for (const [token, weight] of mixture) {
        const row = token * width;
        for (let i = 0; i < width; i++) {
          const block = token * blocks + Math.floor(i / blockSize);
          const value = scales[block]! * (codes[row + i]! - 128) + (offsets?.[block] ?? 0);
          target[offset + i]! += weight * value;
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
