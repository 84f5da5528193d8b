/** The forms in which a bundle can store the matrices of its blocks; models/README.md compares them. */

export const WEIGHT_FORMATS = [
  /** Each tensor as its file stores it, where the kernel has that form; else with eight bits, or folded, or as fp32. */
  'kept',
  /** All in float32: the reference, and what `kept` becomes of files that are floats. */
  'fp32',
  /** Eight bits, rounded anew in blocks of 64. */
  'q8',
  /** Eight bits, rounded anew in blocks of 32. */
  'q8-b32',
  /** Four bits around a fixed zero, rounded anew in blocks of 32. */
  'q4',
  /** Four bits around a fixed zero, rounded anew in blocks of 16. */
  'q4-b16',
  /** Four bits with a whole-numbered zero for each block, rounded anew in blocks of 32. */
  'q4-zero',
  /** The source's own four bits; their offsets are a float32 product of block sums. */
  'q4-sums-fp32',
  /** The source's own four bits; their offsets are an 8-bit product of block sums. */
  'q4-sums-q8',
  /** The source's own four bits; what whole-numbered zeros leave of the offsets is more columns of the same product. */
  'q4-folded',
  /** The same with twice as many columns, so that eight bits of that rest are kept. */
  'q4-folded2',
] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

export function isWeightFormat(text: string): text is WeightFormat {
  return (WEIGHT_FORMATS as readonly string[]).includes(text);
}
