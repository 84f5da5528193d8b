/** Half-precision floats: every value survives, and values between two go to the nearer, ties to the even one. */
import { expect, test } from 'vitest';
import { fromFloat16, toFloat16, toFloat16Array } from '../../models/convert/float16.js';

test('each of the 65536 values comes back from its bits', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromFloat16(bits);
    if (Number.isNaN(value)) expect(Number.isNaN(fromFloat16(toFloat16(value)))).toBe(true);
    else if (toFloat16(value) !== bits) expect.fail(`${bits} became ${toFloat16(value)}`);
  }
});

test('rounds to the nearest value', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const low = fromFloat16(bits);
    const high = fromFloat16(bits + 1);
    expect(toFloat16(low + 0.4 * (high - low))).toBe(bits);
    expect(toFloat16(low + 0.6 * (high - low))).toBe(bits + 1);
    expect(toFloat16((low + high) / 2)).toBe(bits % 2 === 0 ? bits : bits + 1);
  }
});

test('what is too large becomes infinite', () => {
  expect(fromFloat16(toFloat16(65519))).toBe(65504);
  expect(fromFloat16(toFloat16(65520))).toBe(Infinity);
  expect(fromFloat16(toFloat16(-1e9))).toBe(-Infinity);
});

test('many values at once are rounded as each alone', () => {
  const bits = Uint32Array.from({ length: 300_000 }, (_, index) => Math.imul(index, 2_654_435_761) >>> 0);
  const values = new Float32Array(bits.buffer).filter((value) => !Number.isNaN(value));
  expect(toFloat16Array(values)).toEqual(Uint16Array.from(values, toFloat16));
});
