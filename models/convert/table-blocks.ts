/**
 * Rows of an embedding that only JavaScript reads, in their file's own blocks: it needs no kernel for them, so that
 * offsets and blocks of 16 cost nothing, and nothing is rounded but what float16 cannot hold of scales and offsets.
 */
import { codedMatrix, type CodedMatrix } from './dequantise.js';
import { toFloat16Array, widenHalves } from './float16.js';
import { bytesOf } from './graph-builder.js';
import { isFloat, type SourceTensor, type TensorType } from './model-source.js';

/** The code that stands for the offset. */
const MIDDLE = 128;

/** value = scale * (code - 128) + offset */
export interface TableBlocks {
  readonly blockSize: 16 | 32;
  /** One byte a value, row-major. */
  readonly codes: Uint8Array;
  /** Little-endian float16, one a block. */
  readonly scales: Uint8Array;
  /** The same; absent where a code stands for zero. */
  readonly offsets?: Uint8Array;
}

/** Whether scales and offsets are float16 in the file; K-quants multiply them out of smaller parts. */
export function keepsExactly(type: TensorType): boolean {
  return !type.endsWith('_K') && !isFloat(type);
}

/** Rows of any type but plain floats, which have no blocks. */
export function tableBlocks(rows: SourceTensor): TableBlocks {
  const coded = codedMatrix(rows);
  if (coded === undefined) throw new Error(`${rows.type} has no blocks.`);
  const { blockSize, zero } = coded;
  const shift = MIDDLE - (zero ?? 0);
  const codes = shift === 0 ? coded.codes : coded.codes.map((code) => code + shift);
  const scales = halves(coded.scales);
  return { blockSize, codes, scales, ...(zero === undefined && { offsets: halves(coded.minima) }) };
}

/** The values that blocks stand for, row-major. */
export function valuesOfTable({ blockSize, codes, ...halves }: TableBlocks): Float32Array {
  const scales = widenHalves(halves.scales);
  const offsets = halves.offsets && widenHalves(halves.offsets);
  return Float32Array.from(codes, (code, i) => {
    const block = Math.floor(i / blockSize);
    return scales[block]! * (code - MIDDLE) + (offsets?.[block] ?? 0);
  });
}

function halves(values: CodedMatrix['scales']): Uint8Array {
  return bytesOf(toFloat16Array(values));
}
