/** Random tensors in each storage type of GGUF: valid blocks whose values spread as weights do. */
import { toFloat16 } from '../../models/convert/float16.js';
import type { TensorType } from '../../models/convert/model-source.js';
import { layoutOf } from '../../models/convert/tensor-types.js';

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** GGUF's numbers of the types. */
export const TYPE_NUMBERS: Readonly<Record<TensorType, number>> = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q5_0: 6,
  Q5_1: 7,
  Q8_0: 8,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
  BF16: 30,
};

/** Bytes of `count` values of about the standard deviation `spread`, around `middle` for plain floats. */
export function randomTensor(
  type: TensorType,
  count: number,
  spread: number,
  random: () => number,
  middle = 0,
): Uint8Array {
  const layout = layoutOf(type);
  const bytes = new Uint8Array((count / layout.values) * layout.bytes);
  const view = new DataView(bytes.buffer);
  if (layout.values === 1) {
    for (let i = 0; i < count; i++) {
      const value = middle + spread * normal(random);
      if (type === 'F32') view.setFloat32(4 * i, value, true);
      else if (type === 'F16') view.setUint16(2 * i, toFloat16(value), true);
      else {
        view.setFloat32(0, value, true);
        view.setUint16(2 * i, view.getUint16(2, true), true);
      }
    }
    // The first value was the scratch space of the others.
    if (type === 'BF16') view.setUint16(0, 0, true);
    return bytes;
  }
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
  for (let at = 0; at < bytes.length; at += layout.bytes) {
    const half = (offset: number, value: number): void => {
      view.setUint16(at + offset, toFloat16(value), true);
    };
    const scale = spread * (0.8 + 0.4 * random());
    // Codes around a fixed zero reach one step farther down than up: scales of either sign, which files have too, keep
    // weights from leaning to one side, which thousands of inputs would add up.
    const either = random() < 0.5 ? -scale : scale;
    // Scales such that uniform codes spread as asked for; minima such that their middle is about zero.
    switch (type) {
      case 'Q4_0':
        half(0, either / 4.6);
        break;
      case 'Q4_1':
        half(0, scale / 4.6);
        half(2, (-7.5 * scale) / 4.6);
        break;
      case 'Q5_0':
        half(0, either / 9.2);
        break;
      case 'Q5_1':
        half(0, scale / 9.2);
        half(2, (-15.5 * scale) / 9.2);
        break;
      case 'Q8_0':
        half(0, either / 74);
        break;
      case 'Q4_K':
      case 'Q5_K': {
        const steps = type === 'Q4_K' ? 4.6 : 9.2;
        half(0, scale / steps / 40);
        half(2, ((type === 'Q4_K' ? 7.5 : 15.5) * scale) / steps / 40);
        // Six bits each, 32 to 47: the first four parts whole, with the upper bits of the last four above them.
        for (let i = 0; i < 8; i++) bytes[at + 4 + i] = 128 | 32 | (bytes[at + 4 + i]! & 15);
        break;
      }
      case 'Q6_K':
        half(208, either / 18.5 / 64);
        for (let i = 0; i < 16; i++) view.setInt8(at + 192 + i, 48 + Math.floor(32 * random()));
        break;
      case 'F32':
      case 'F16':
      case 'BF16':
        throw new Error(`${type} has no blocks.`);
    }
  }
  return bytes;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
