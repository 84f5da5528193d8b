/** Whether a constraint allows any of the code points that begin with some bytes: tokens may end inside of one. */
import type { Constraint } from '../constraints/constraint.js';

/** Code points tried of the up to 262,144 that may begin so, evenly apart. */
const SAMPLES = 32;

/**
 * Allowed unless all that were tried are refused; where every code point can be tried, that is exact. Without this a
 * draft whose every likely token is refused would escape into the bytes of a sign that nothing allows.
 */
export function allowsSomeOf(bytes: Uint8Array, constraint: Constraint): boolean {
  const [first, last] = codePointsFrom(bytes);
  const step = Math.max(1, Math.floor((last - first) / (SAMPLES - 1)));
  for (let codePoint = first; codePoint <= last; codePoint += step) {
    const isSurrogate = 0xd800 <= codePoint && codePoint < 0xe000;
    if (!isSurrogate && constraint.after(String.fromCodePoint(codePoint))) return true;
  }
  return false;
}

/** The first and the last code point whose UTF-8 begins with `bytes`: a lead byte, and whatever follows it. */
export function codePointsFrom(bytes: Uint8Array): readonly [number, number] {
  const lead = bytes[0]!;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let bits = lead & (0xff >> (length + 1));
  for (const byte of bytes.subarray(1)) bits = (bits << 6) | (byte & 0x3f);
  const missing = 6 * (length - bytes.length);
  const least = [0, 0, 0x80, 0x800, 0x10000][length]!;
  return [Math.max(bits << missing, least), Math.min(((bits + 1) << missing) - 1, 0x10ffff)];
}
