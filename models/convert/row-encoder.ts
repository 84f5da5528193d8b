/**
 * How rows of a matrix become codes of MatMulNBits. Blocks that the kernel has too are carried over exactly; all
 * others are rounded anew, to eight bits, or to the same four bits with offsets that are nearly the source's.
 */
import { foldedRows, foldedValues } from './block-sum-product.js';
import { codedMatrix, dequantise } from './dequantise.js';
import { ConversionError, type SourceTensor, type TensorType } from './model-source.js';
import {
  quantiseSymmetric,
  quantiseWithZeroPoints,
  valuesOfCodes,
  type QuantisedMatrix,
} from './quantise.js';
import type { WeightFormat } from './weight-formats.js';

export interface RowEncoder {
  /** Matrices with equal kinds can be stacked into one product. */
  readonly kind: string;
  /** Whether the codes stand for exactly the numbers of the source. */
  readonly exact: boolean;
  /** Columns for the sums of input blocks after the matrix's own, as runs; see block-sum-product.ts. */
  readonly digits: 0 | 1 | 2;
  /** Any whole rows of a tensor, all of its columns. */
  encode(rows: SourceTensor): QuantisedMatrix;
  /** The values [rows, columns] that the codes stand for. */
  decode(encoded: QuantisedMatrix, columns: number): Float32Array;
}

/** @throws ConversionError when a format that keeps the source's bits is asked for where the source has others. */
export function rowEncoder(type: TensorType, format: WeightFormat, name: string): RowEncoder {
  switch (format) {
    case 'kept':
      return keeping(type);
    case 'q8':
      return rounding(8, 64);
    case 'q8-b32':
      return rounding(8, 32);
    case 'q4':
      return rounding(4, 32);
    case 'q4-b16':
      return rounding(4, 16);
    case 'q4-zero':
      return {
        kind: format,
        exact: false,
        digits: 0,
        encode: (rows) => quantiseWithZeroPoints(dequantise(rows), rows.rows, rows.columns, 32),
        decode: valuesOfCodes,
      };
    case 'q4-folded':
    case 'q4-folded2':
      if (type !== 'Q4_0' && type !== 'Q4_1' && type !== 'Q4_K') throw notFourBits(name, type);
      return folding(format === 'q4-folded' ? 1 : 2);
    case 'fp32':
    case 'q4-sums-fp32':
    case 'q4-sums-q8':
      throw new Error(`${format} is no form of a single product of codes.`);
  }
}

/** Eight bits in blocks of 32, exactly where the source has such blocks around a fixed zero: the embedding's form. */
export function tableEncoder(type: TensorType): RowEncoder {
  return type === 'Q4_0' || type === 'Q5_0' || type === 'Q8_0' ? carrying(8) : rounding(8, 32);
}

export function notFourBits(name: string, type: TensorType): ConversionError {
  return new ConversionError(
    `This weight format keeps the source's four bits, but ${name} is stored as ${type}.`,
  );
}

/** For each type the form that loses least without growing more than it must. */
function keeping(type: TensorType): RowEncoder {
  switch (type) {
    case 'Q4_0':
      return carrying(4);
    case 'Q5_0':
    case 'Q8_0':
      return carrying(8);
    case 'Q4_1':
    case 'Q4_K':
      return folding(2);
    case 'F32':
    case 'F16':
    case 'BF16':
    case 'Q5_1':
    case 'Q5_K':
    case 'Q6_K':
      return rounding(8, 32);
  }
}

/** Blocks of 32 around a fixed zero: the kernel's own form, with the source's codes and scales. */
function carrying(bits: 4 | 8): RowEncoder {
  const middle = 2 ** (bits - 1);
  return {
    kind: `carried ${bits}`,
    exact: true,
    digits: 0,
    encode(rows) {
      const coded = codedMatrix(rows)!;
      const shift = middle - coded.zero!;
      const codes = shift === 0 ? coded.codes : coded.codes.map((code) => code + shift);
      return { rows: rows.rows, columns: rows.columns, bits, blockSize: 32, codes, scales: coded.scales };
    },
    decode: valuesOfCodes,
  };
}

function rounding(bits: 4 | 8, blockSize: number): RowEncoder {
  return {
    kind: `rounded ${bits} ${blockSize}`,
    exact: false,
    digits: 0,
    encode: (rows) => quantiseSymmetric(dequantise(rows), rows.rows, rows.columns, bits, blockSize),
    decode: valuesOfCodes,
  };
}

function folding(digits: 1 | 2): RowEncoder {
  return {
    kind: `folded ${digits}`,
    exact: false,
    digits,
    encode: (rows) => foldedRows(codedMatrix(rows)!, digits),
    decode: (encoded, columns) => foldedValues(encoded, columns, digits),
  };
}
