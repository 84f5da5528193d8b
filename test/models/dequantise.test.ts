/** Every storage type of GGUF: read as gguf-py reads it, and carried over without changing a number where it can be. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dequantise } from '../../models/convert/dequantise.js';
import {
  isFloat,
  TENSOR_TYPES,
  type SourceTensor,
  type TensorType,
} from '../../models/convert/model-source.js';
import { rowEncoder, tableEncoder } from '../../models/convert/row-encoder.js';
import { keepsExactly, tableBlocks, valuesOfTable } from '../../models/convert/table-blocks.js';
import { layoutOf } from '../../models/convert/tensor-types.js';

/** Written by models/recipe/write_dequantised.py; values as the bits of float32. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, 'golden/dequantised.json'), 'utf8'),
) as Record<TensorType, { readonly bytes: string; readonly values: readonly number[] }>;

function tensor(type: TensorType): SourceTensor {
  const bytes = new Uint8Array(Buffer.from(golden[type].bytes, 'hex'));
  const { values, bytes: size } = layoutOf(type);
  return { rows: 1, columns: (bytes.length / size) * values, type, bytes };
}

/** Minus zero and zero are one number. */
const plainZeros = (values: Float32Array): number[] => [...values].map((value) => value + 0);
const bitsOf = (values: Float32Array): number[] => [...new Uint32Array(values.buffer)];

describe.each(TENSOR_TYPES.filter((type) => type !== 'F32'))('%s', (type) => {
  test('is read as gguf-py reads it, to the last bit', () => {
    // Minus zero and zero are one number.
    const numbers = (bits: readonly number[]): number[] => bits.map((one) => (one === 0x80000000 ? 0 : one));
    expect(numbers(bitsOf(dequantise(tensor(type))))).toEqual(numbers(golden[type].values));
  });

  test('is carried over exactly where that is claimed, and nearly elsewhere', () => {
    const rows = tensor(type);
    const values = dequantise(rows);
    for (const encoder of [rowEncoder(type, 'kept', 'it'), tableEncoder(type)]) {
      const decoded = encoder.decode(encoder.encode(rows), rows.columns);
      if (encoder.exact) expect(plainZeros(decoded)).toEqual(plainZeros(values));
      const error = Math.sqrt(decoded.reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0));
      const size = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
      expect(error / size).toBeLessThan(encoder.digits > 0 ? 0.03 : 0.01);
    }
  });
});

test.each(TENSOR_TYPES.filter((type) => !isFloat(type)))('%s as an embedding of its own', (type) => {
  const rows = tensor(type);
  const values = dequantise(rows);
  const found = valuesOfTable(tableBlocks(rows));
  if (keepsExactly(type)) expect(plainZeros(found)).toEqual(plainZeros(values));
  const error = Math.sqrt(found.reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0));
  const size = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
  expect(error / size).toBeLessThan(1e-3);
});

test('the types whose blocks the kernel has are carried over exactly', () => {
  const exact = TENSOR_TYPES.filter((type) => rowEncoder(type, 'kept', 'it').exact);
  expect(exact).toEqual(['Q4_0', 'Q5_0', 'Q8_0']);
});
