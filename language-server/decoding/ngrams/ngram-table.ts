/**
 * How likely a token is after the few before it, in code at large: the bundle's table of n-grams, made by
 * `models/recipe/ngrams` (the format is in models/README.md).
 *
 * Open addressing over slots of four bytes: three of the n-gram's print, zero where the slot is empty, and one that
 * tells the probability of its last token after the others.
 */
import type { TokenId } from '../../tokens/vocabulary.js';
import { hashOf } from './ngram-hash.js';

const MAGIC = 0x52474e43; // CNGR, little-endian
const VERSION = 1;
const HEADER_BYTES = 20;
/** Steps of the probability byte: -ln(p) in units of 1/24, so that 255 stands for e^-10.6. */
const STEPS_PER_NAT = 24;

export interface NgramTable {
  /** Shortest and longest n-grams held. */
  readonly orders: readonly [least: number, most: number];
  /** The share of `tokens[end - 1]` after `tokens[start .. end - 1)`, or 0 when the n-gram is not in the table. */
  readonly probability: (tokens: readonly TokenId[], start: number, end: number) => number;
}

/** The table of a bundle without one. */
export const noTable: NgramTable = { orders: [2, 6], probability: () => 0 };

/** @throws Error when the bytes are no such table; `from` is for the message. */
export function readNgramTable(bytes: Uint8Array, from: string): NgramTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new Error(`${from} is not a table of n-grams.`);
  }
  if (view.getUint32(4, true) !== VERSION) {
    throw new Error(
      `${from} has version ${view.getUint32(4, true)}, but this Candor reads version ${VERSION}.`,
    );
  }
  const least = view.getUint32(8, true);
  const most = view.getUint32(12, true);
  const slots = view.getUint32(16, true);
  if (bytes.length !== HEADER_BYTES + 4 * slots) throw new Error(`${from} is cut off.`);
  return {
    orders: [least, most],
    probability(tokens, start, end) {
      const [place, print] = hashOf(tokens, start, end);
      // Zero marks an empty slot.
      const wanted = Math.max(1, print & 0xffffff);
      const first = Math.floor((place / 0x1_0000_0000) * slots);
      for (let tried = 0; tried < slots; tried++) {
        const slot = (first + tried) % slots;
        const entry = view.getUint32(HEADER_BYTES + 4 * slot, true);
        if (entry === 0) return 0;
        if (entry >>> 8 === wanted) return Math.exp(-(entry & 0xff) / STEPS_PER_NAT);
      }
      return 0;
    },
  };
}
