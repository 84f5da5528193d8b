/** The layout of each tensor type of GGUF: how many values share a block, and how many bytes it takes. */
import { ConversionError, type TensorType } from './model-source.js';

interface Layout {
  readonly values: number;
  readonly bytes: number;
}

const LAYOUTS: Readonly<Record<TensorType, Layout>> = {
  F32: { values: 1, bytes: 4 },
  F16: { values: 1, bytes: 2 },
  // The upper half of a float32.
  BF16: { values: 1, bytes: 2 },
  // A float16 scale, then 16 bytes of two codes each.
  Q4_0: { values: 32, bytes: 18 },
  // A float16 scale and a float16 minimum, then 16 bytes of two codes each.
  Q4_1: { values: 32, bytes: 20 },
  // A float16 scale, the fifth bits of 32 codes, then 16 bytes with the other four bits of two codes each.
  Q5_0: { values: 32, bytes: 22 },
  // The same with a float16 minimum after the scale.
  Q5_1: { values: 32, bytes: 24 },
  // A float16 scale, then 32 signed codes.
  Q8_0: { values: 32, bytes: 34 },
  // Two float16 (of scales and of minima), eight scales and eight minima of six bits, 128 bytes of two codes each.
  Q4_K: { values: 256, bytes: 144 },
  // The same with 32 bytes of fifth bits before the codes.
  Q5_K: { values: 256, bytes: 176 },
  // 128 bytes of lower nibbles, 64 of upper bit pairs, 16 signed scales, a float16.
  Q6_K: { values: 256, bytes: 210 },
};

export function layoutOf(type: TensorType): Layout {
  return LAYOUTS[type];
}

/** Bytes that a row of `columns` values takes. */
export function bytesPerRow(type: TensorType, columns: number): number {
  const { values, bytes } = LAYOUTS[type];
  if (columns % values !== 0)
    throw new ConversionError(`A ${type} row of ${columns} values does not end with a block.`);
  return (columns / values) * bytes;
}
