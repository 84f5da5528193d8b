/** Rounding of float32 matrices to 8 or 4 bits, in blocks along the rows, as MatMulNBits reads them. */
import { fromFloat16, toFloat16 } from './float16.js';

/** value = scale * (code - zeroPoint), with scales already rounded to float16. */
export interface QuantisedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** One byte a value, row-major; each row is padded to whole blocks with its zero points. */
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  /** One a block; where absent all are half the range (8 or 128). */
  readonly zeroPoints?: Uint8Array;
}

/** Rounds to the nearest code around a fixed zero point. The 4-bit scale is the one of least squared error among a few. */
export function quantiseSymmetric(
  values: Float32Array,
  rows: number,
  columns: number,
  bits: 4 | 8,
  blockSize: number,
): QuantisedMatrix {
  const perRow = Math.ceil(columns / blockSize);
  const half = 2 ** (bits - 1);
  const codes = new Uint8Array(rows * perRow * blockSize).fill(half);
  const scales = new Float32Array(rows * perRow);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < perRow; block++) {
      const start = block * blockSize;
      const part = values.subarray(
        row * columns + start,
        row * columns + Math.min(start + blockSize, columns),
      );
      const scale = bits === 8 ? roundScale(largest(part) / 127) : bestScale(part, half);
      scales[row * perRow + block] = scale;
      const at = (row * perRow + block) * blockSize;
      for (let i = 0; i < part.length; i++) codes[at + i] = encode(part[i]!, scale, half);
    }
  }
  return { rows, columns, bits, blockSize, codes, scales };
}

/** Rounds to four bits with a whole-numbered zero point for each block. */
export function quantiseWithZeroPoints(
  values: Float32Array,
  rows: number,
  columns: number,
  blockSize: number,
): QuantisedMatrix {
  const perRow = Math.ceil(columns / blockSize);
  const codes = new Uint8Array(rows * perRow * blockSize);
  const scales = new Float32Array(rows * perRow);
  const zeroPoints = new Uint8Array(rows * perRow);
  for (let index = 0; index < scales.length; index++) {
    const row = Math.floor(index / perRow);
    const start = (index % perRow) * blockSize;
    const part = values.subarray(row * columns + start, row * columns + Math.min(start + blockSize, columns));
    const { scale, zeroPoint } = bestScaleAndZero(part);
    scales[index] = scale;
    zeroPoints[index] = zeroPoint;
    const at = index * blockSize;
    codes.fill(zeroPoint, at, at + blockSize);
    for (let i = 0; i < part.length; i++) codes[at + i] = clamp(roundTo(part[i]!, scale) + zeroPoint, 15);
  }
  return { rows, columns, bits: 4, blockSize, codes, scales, zeroPoints };
}

/** The values [rows, columns] that codes stand for; `columns` leaves out what rows were padded with. */
export function valuesOfCodes(matrix: QuantisedMatrix, columns: number): Float32Array {
  const { rows, bits, blockSize, codes, scales, zeroPoints } = matrix;
  const perRow = scales.length / rows;
  const middle = 2 ** (bits - 1);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < perRow; block++) {
      const scale = scales[row * perRow + block]!;
      const zero = zeroPoints?.[row * perRow + block] ?? middle;
      const end = Math.min((block + 1) * blockSize, columns);
      const shift = row * perRow * blockSize - row * columns;
      for (let i = row * columns + block * blockSize; i < row * columns + end; i++)
        values[i] = scale * (codes[i + shift]! - zero);
    }
  }
  return values;
}

/** Two codes of four bits a byte, the earlier in the low half; MatMulNBits' layout. */
export function packNibbles(codes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(codes.length / 2);
  for (let i = 0; i < packed.length; i++) packed[i] = codes[2 * i]! | (codes[2 * i + 1]! << 4);
  return packed;
}

/** Undoes `packNibbles`. */
export function unpackNibbles(packed: Uint8Array): Uint8Array {
  const codes = new Uint8Array(2 * packed.length);
  for (let i = 0; i < packed.length; i++) {
    codes[2 * i] = packed[i]! & 15;
    codes[2 * i + 1] = packed[i]! >> 4;
  }
  return codes;
}

function largest(values: Float32Array): number {
  let size = 0;
  for (const value of values) {
    const positive = value < 0 ? -value : value;
    if (positive > size) size = positive;
  }
  return size;
}

function encode(value: number, scale: number, half: number): number {
  return clamp(roundTo(value, scale) + half, 2 * half - 1);
}

function roundTo(value: number, scale: number): number {
  return scale === 0 ? 0 : Math.round(value / scale);
}

function clamp(code: number, last: number): number {
  return Math.max(0, Math.min(last, code));
}

function roundScale(scale: number): number {
  return fromFloat16(toFloat16(scale));
}

function bestScale(part: Float32Array, half: number): number {
  let extreme = 0;
  for (const value of part) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  let best = { scale: 0, error: Infinity };
  for (let step = -6; step <= 6; step++) {
    const scale = roundScale(-extreme / (half + step * 0.1));
    const error = squaredError(part, scale, half);
    if (error < best.error) best = { scale, error };
  }
  return best.scale;
}

function bestScaleAndZero(part: Float32Array): { scale: number; zeroPoint: number } {
  let low = 0;
  let high = 0;
  for (const value of part) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  let best = { scale: 0, zeroPoint: 8, error: Infinity };
  for (let step = -4; step <= 2; step++) {
    const scale = roundScale((high - low) / (15 - step * 0.4));
    if (scale === 0) continue;
    const middle = Math.round(-low / scale);
    for (let zeroPoint = Math.max(0, middle - 1); zeroPoint <= Math.min(15, middle + 1); zeroPoint++) {
      const error = squaredError(part, scale, zeroPoint);
      if (error < best.error) best = { scale, zeroPoint, error };
    }
  }
  return best;
}

function squaredError(part: Float32Array, scale: number, zeroPoint: number): number {
  const last = 15;
  let error = 0;
  for (const value of part) {
    const difference = value - scale * (clamp(roundTo(value, scale) + zeroPoint, last) - zeroPoint);
    error += difference * difference;
  }
  return error;
}
