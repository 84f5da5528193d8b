/** Rounding to blocks of 8 or 4 bits, and reading GGUF's own blocks. */
import { expect, test } from 'vitest';
import { codedMatrix, dequantise } from '../../models/convert/dequantise.js';
import { fromFloat16, toFloat16 } from '../../models/convert/float16.js';
import {
  packNibbles,
  quantiseSymmetric,
  quantiseWithZeroPoints,
  type QuantisedMatrix,
} from '../../models/convert/quantise.js';
import { pairHalvesApart } from '../../models/convert/rotary-rows.js';

const values = Float32Array.from({ length: 3 * 64 }, (_, index) => Math.sin(index * 12.9898) + 0.3);

function worstInSteps(matrix: QuantisedMatrix): number {
  const zero = 2 ** (matrix.bits - 1);
  let worst = 0;
  for (const [index, value] of values.entries()) {
    const block = Math.floor(index / matrix.blockSize);
    const scale = matrix.scales[block]!;
    const back = scale * (matrix.codes[index]! - (matrix.zeroPoints?.[block] ?? zero));
    worst = Math.max(worst, Math.abs(back - value) / Math.abs(scale));
  }
  return worst;
}

test('eight bits are off by no more than about half a step', () => {
  expect(worstInSteps(quantiseSymmetric(values, 3, 64, 8, 32))).toBeLessThan(0.56);
});

test('four bits are off by little more than half a step, and by less with zero points', () => {
  const squares = (matrix: QuantisedMatrix): number => {
    const errors = [...values].map((value, index) => {
      const block = Math.floor(index / matrix.blockSize);
      return value - matrix.scales[block]! * (matrix.codes[index]! - (matrix.zeroPoints?.[block] ?? 8));
    });
    return errors.reduce((sum, error) => sum + error * error, 0);
  };
  const fixed = quantiseSymmetric(values, 3, 64, 4, 32);
  const moving = quantiseWithZeroPoints(values, 3, 64, 32);
  expect(worstInSteps(fixed)).toBeLessThan(1.5);
  expect(squares(moving)).toBeLessThan(squares(fixed));
});

test('rows that do not fill their last block are padded with nothing', () => {
  const matrix = quantiseSymmetric(values, 4, 48, 8, 32);
  expect(matrix.codes.length).toBe(4 * 64);
  expect([...matrix.codes.subarray(48, 64)]).toEqual(Array<number>(16).fill(128));
});

test('two codes share a byte, the earlier in its low half', () => {
  expect([...packNibbles(Uint8Array.of(1, 2, 15, 0))]).toEqual([0x21, 0x0f]);
});

test('Q4_1, Q4_0 and Q8_0 blocks are read as llama.cpp writes them', () => {
  const half = (value: number): number[] => [toFloat16(value) & 255, toFloat16(value) >> 8];
  const nibbles = Array.from({ length: 16 }, (_, index) => index | ((15 - index) << 4));
  const q41 = {
    rows: 1,
    columns: 32,
    type: 'Q4_1',
    bytes: Uint8Array.from([...half(0.5), ...half(-2), ...nibbles]),
  } as const;
  const codes = [...Array(16).keys(), ...[...Array(16).keys()].reverse()];
  expect([...dequantise(q41)]).toEqual(codes.map((code) => 0.5 * code - 2));
  expect([...codedMatrix(q41)!.codes]).toEqual(codes);
  const q40 = {
    rows: 1,
    columns: 32,
    type: 'Q4_0',
    bytes: Uint8Array.from([...half(0.5), ...nibbles]),
  } as const;
  expect([...dequantise(q40)]).toEqual(codes.map((code) => 0.5 * (code - 8)));
  const signed = Int8Array.from({ length: 32 }, (_, index) => index * 8 - 128);
  const q80 = {
    rows: 1,
    columns: 32,
    type: 'Q8_0',
    bytes: Uint8Array.from([...half(0.1), ...new Uint8Array(signed.buffer)]),
  } as const;
  const scale = fromFloat16(toFloat16(0.1));
  expect([...dequantise(q80)]).toEqual([...signed].map((code) => Math.fround(scale * code)));
});

test('rotary rows move from neighbours to halves, head by head', () => {
  const bytes = new Uint8Array(Float32Array.from({ length: 8 }, (_, row) => row).buffer);
  const moved = pairHalvesApart({ rows: 8, columns: 1, type: 'F32', bytes }, 4);
  expect([...dequantise(moved)]).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
});
