/** Half-precision floats, which Node 20 has no typed array for (IEEE 754 binary16). */

const VALUES = new Float32Array(1 << 16);
for (let bits = 0; bits < VALUES.length; bits++) VALUES[bits] = expand(bits);

function expand(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The value of sixteen bits. */
export function fromFloat16(bits: number): number {
  return VALUES[bits]!;
}

/** The sixteen bits nearest to a value; ties go to the even one, values out of range to infinity. */
export function toFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  const steps = roundHalfEven(size / 2 ** (exponent - 10));
  // Subnormals have no hidden bit; a fraction that rounds up to 2048 carries into the exponent by itself.
  return size < 2 ** -14 ? sign | steps : sign | (((exponent + 14) << 10) + steps);
}

function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** The same for many float32 values, whose own bits say most of it. */
export function toFloat16Array(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) {
    const size = bits[i]! & 0x7fffffff;
    // From 2^-14 to 65504 the exponent moves, and thirteen bits are rounded to the even one; the rest is rare.
    if (size >= 0x38800000 && size < 0x477ff000)
      halves[i] = ((bits[i]! >>> 16) & 0x8000) | ((size + 0xfff + ((size >>> 13) & 1) - 0x38000000) >>> 13);
    else halves[i] = toFloat16(values[i]!);
  }
  return halves;
}

/** Widens halves, of which each is two bytes, little-endian. */
export function widenHalves(halves: Uint8Array): Float32Array {
  const view = new DataView(halves.buffer, halves.byteOffset, halves.byteLength);
  return Float32Array.from({ length: halves.length / 2 }, (_, i) => fromFloat16(view.getUint16(2 * i, true)));
}
