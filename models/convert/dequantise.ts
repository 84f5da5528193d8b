/** From the stored forms of GGUF tensors to the codes of their blocks, and to float32 values. */
import { fromFloat16 } from './float16.js';
import { codesOfQ4K, codesOfQ5K, codesOfQ6K } from './k-quants.js';
import type { SourceTensor } from './model-source.js';
import { layoutOf } from './tensor-types.js';

/** A matrix in blocks along its rows: value = scale * code + minimum. */
export interface CodedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Bits that the largest code needs. */
  readonly bits: 4 | 5 | 6 | 8;
  /** Neighbours in a row that share a scale; divides `columns`. */
  readonly blockSize: 16 | 32;
  /** The code that stands for zero, where it is the same everywhere: then each minimum is -zero * scale. */
  readonly zero?: number;
  /** One byte a value, row-major. */
  readonly codes: Uint8Array;
  /** One a block, row-major. */
  readonly scales: Float32Array;
  readonly minima: Float32Array;
}

/** All values of a tensor, row-major. */
export function dequantise(tensor: SourceTensor): Float32Array {
  const coded = codedMatrix(tensor);
  if (coded !== undefined) return valuesOf(coded);
  const view = viewOf(tensor);
  const values = new Float32Array(tensor.rows * tensor.columns);
  if (tensor.type === 'F32') for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  else if (tensor.type === 'F16')
    for (let i = 0; i < values.length; i++) values[i] = fromFloat16(view.getUint16(2 * i, true));
  else {
    // The bits of a bfloat16 are the upper half of the float32 of the same value.
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < bits.length; i++) bits[i] = view.getUint16(2 * i, true) << 16;
  }
  return values;
}

/** Codes, scales and minima of a tensor in blocks; nothing for plain floats. */
export function codedMatrix(tensor: SourceTensor): CodedMatrix | undefined {
  const { rows, columns } = tensor;
  const view = viewOf(tensor);
  const size = layoutOf(tensor.type).bytes;
  const shape = { rows, columns, blockSize: 32 } as const;
  switch (tensor.type) {
    case 'F32':
    case 'F16':
    case 'BF16':
      return undefined;
    case 'Q4_0':
      return { ...shape, bits: 4, zero: 8, ...blocksOf(view, size, 8, nibbles) };
    case 'Q4_1':
      return { ...shape, bits: 4, ...blocksOf(view, size, undefined, nibbles) };
    case 'Q5_0':
      return { ...shape, bits: 5, zero: 16, ...blocksOf(view, size, 16, nibblesAndFifths) };
    case 'Q5_1':
      return { ...shape, bits: 5, ...blocksOf(view, size, undefined, nibblesAndFifths) };
    case 'Q8_0':
      return { ...shape, bits: 8, zero: 128, ...blocksOf(view, size, 128, signedBytes) };
    case 'Q4_K':
      return { ...shape, bits: 4, ...codesOfQ4K(view) };
    case 'Q5_K':
      return { ...shape, bits: 5, ...codesOfQ5K(view) };
    case 'Q6_K':
      return { ...shape, blockSize: 16, bits: 6, zero: 32, ...codesOfQ6K(view) };
  }
}

/** Codes, scales and minima, row-major. */
export type Blocks = Pick<CodedMatrix, 'codes' | 'scales' | 'minima'>;

/** Puts the 32 codes of a block, whose own bytes begin at `from`, into `codes` at `to`. */
type ReadCodes = (view: DataView, from: number, codes: Uint8Array, to: number) => void;

/** Blocks of 32 that begin with a float16 scale and, unless a code stands for zero, a float16 minimum. */
function blocksOf(view: DataView, size: number, zero: number | undefined, read: ReadCodes): Blocks {
  const count = view.byteLength / size;
  const codes = new Uint8Array(count * 32);
  const scales = new Float32Array(count);
  const minima = new Float32Array(count);
  for (let block = 0; block < count; block++) {
    const at = block * size;
    const scale = fromFloat16(view.getUint16(at, true));
    scales[block] = scale;
    minima[block] = zero === undefined ? fromFloat16(view.getUint16(at + 2, true)) : -zero * scale;
    read(view, at + (zero === undefined ? 4 : 2), codes, block * 32);
  }
  return { codes, scales, minima };
}

function nibbles(view: DataView, from: number, codes: Uint8Array, to: number): void {
  for (let i = 0; i < 16; i++) {
    const pair = view.getUint8(from + i);
    codes[to + i] = pair & 15;
    codes[to + 16 + i] = pair >> 4;
  }
}

function nibblesAndFifths(view: DataView, from: number, codes: Uint8Array, to: number): void {
  nibbles(view, from + 4, codes, to);
  const fifths = view.getUint32(from, true);
  for (let i = 0; i < 32; i++) codes[to + i]! |= ((fifths >>> i) & 1) << 4;
}

/** A signed byte plus 128 is the same byte with its highest bit turned. */
function signedBytes(view: DataView, from: number, codes: Uint8Array, to: number): void {
  for (let i = 0; i < 32; i++) codes[to + i] = view.getUint8(from + i) ^ 0x80;
}

function valuesOf({ codes, scales, minima, blockSize }: CodedMatrix): Float32Array {
  const values = new Float32Array(codes.length);
  for (let block = 0; block < scales.length; block++) {
    const scale = scales[block]!;
    const minimum = minima[block]!;
    const end = (block + 1) * blockSize;
    for (let i = block * blockSize; i < end; i++) values[i] = scale * codes[i]! + minimum;
  }
  return values;
}

function viewOf({ bytes }: SourceTensor): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
