/** The blocks of llama.cpp's K-quants: 256 values in parts that share scales, which are themselves few bits. */
import type { Blocks } from './dequantise.js';
import { fromFloat16 } from './float16.js';

const VALUES = 256;
/** Values of a part of Q4_K and Q5_K, and parts of a block. */
const PART = 32;
const PARTS = VALUES / PART;

/** value = (d * scale) * code - (dmin * minimum), with six bits for each scale and minimum. */
export function codesOfQ4K(view: DataView): Blocks {
  return scaledParts(view, 144, (at, codes, to) => {
    nibblePairs(view, at + 16, codes, to);
  });
}

/** As Q4_K, with a fifth bit: bit p of byte i belongs to value i of part p. */
export function codesOfQ5K(view: DataView): Blocks {
  return scaledParts(view, 176, (at, codes, to) => {
    nibblePairs(view, at + 48, codes, to);
    for (let i = 0; i < PART; i++) {
      const fifths = view.getUint8(at + 16 + i);
      for (let part = 0; part < PARTS; part++) codes[to + part * PART + i]! |= ((fifths >> part) & 1) << 4;
    }
  });
}

/** value = (d * scale) * (code - 32), with a signed byte for the scale of each 16 values. */
export function codesOfQ6K(view: DataView): Blocks {
  const SIZE = 210;
  const count = view.byteLength / SIZE;
  const codes = new Uint8Array(count * VALUES);
  const scales = new Float32Array(count * 16);
  for (let block = 0; block < count; block++) {
    const at = block * SIZE;
    const unit = fromFloat16(view.getUint16(at + 208, true));
    for (let part = 0; part < 16; part++) scales[block * 16 + part] = unit * view.getInt8(at + 192 + part);
    for (let half = 0; half < 2; half++) {
      const to = block * VALUES + half * 128;
      for (let i = 0; i < 32; i++) {
        const first = view.getUint8(at + half * 64 + i);
        const second = view.getUint8(at + half * 64 + 32 + i);
        const upper = view.getUint8(at + 128 + half * 32 + i);
        codes[to + i] = (first & 15) | ((upper & 3) << 4);
        codes[to + 32 + i] = (second & 15) | (((upper >> 2) & 3) << 4);
        codes[to + 64 + i] = (first >> 4) | (((upper >> 4) & 3) << 4);
        codes[to + 96 + i] = (second >> 4) | ((upper >> 6) << 4);
      }
    }
  }
  return { codes, scales, minima: scales.map((scale) => -32 * scale) };
}

function scaledParts(
  view: DataView,
  size: number,
  read: (at: number, codes: Uint8Array, to: number) => void,
): Blocks {
  const count = view.byteLength / size;
  const codes = new Uint8Array(count * VALUES);
  const scales = new Float32Array(count * PARTS);
  const minima = new Float32Array(count * PARTS);
  for (let block = 0; block < count; block++) {
    const at = block * size;
    const scaleUnit = fromFloat16(view.getUint16(at, true));
    const minimumUnit = fromFloat16(view.getUint16(at + 2, true));
    const packed = (index: number): number => view.getUint8(at + 4 + index);
    for (let part = 0; part < PARTS; part++) {
      // Twelve bytes: the first four scales and minima whole; the upper bits of the last four lie above those.
      const [scale, minimum] =
        part < 4
          ? [packed(part) & 63, packed(part + 4) & 63]
          : [
              (packed(part + 4) & 15) | ((packed(part - 4) >> 6) << 4),
              (packed(part + 4) >> 4) | ((packed(part) >> 6) << 4),
            ];
      scales[block * PARTS + part] = scaleUnit * scale;
      minima[block * PARTS + part] = -minimumUnit * minimum;
    }
    read(at, codes, block * VALUES);
  }
  return { codes, scales, minima };
}

/** 32 bytes hold two neighbouring parts each: the earlier one in the lower nibbles. */
function nibblePairs(view: DataView, from: number, codes: Uint8Array, to: number): void {
  for (let pair = 0; pair < PARTS / 2; pair++) {
    for (let i = 0; i < PART; i++) {
      const byte = view.getUint8(from + pair * PART + i);
      codes[to + 2 * pair * PART + i] = byte & 15;
      codes[to + (2 * pair + 1) * PART + i] = byte >> 4;
    }
  }
}
