/**
 * An embedding by which a network of random weights knows its mind, as a trained one does: behind each token, two others
 * stand out from all the rest, and the layers say which of the two.
 *
 * Each half of a row is that of a partner with the other sign, another partner in either half. Where the last norm's
 * gain is negative, a token's own row in the last state then speaks for its two partners and against itself; what the
 * layers add to that state favours one or the other. Without partners the largest of 150,000 nearly normal logits leads
 * the second by so little that rounding decides.
 */
import { layoutOf } from '../../models/convert/tensor-types.js';
import type { TensorType } from '../../models/convert/model-source.js';

/**
 * Pairs the rows of a matrix [rows, columns] in place, in each half of its columns anew; of an odd number of rows one
 * stays alone. Half a row must be whole blocks, and a block's sign that of its first half float: floats and Q8_0.
 */
export function pairRows(bytes: Uint8Array, type: TensorType, rows: number, random: () => number): void {
  if (!['F32', 'F16', 'BF16', 'Q8_0'].includes(type)) throw new Error(`${type} changes no sign by one bit.`);
  const layout = layoutOf(type);
  const perRow = bytes.length / rows;
  const half = perRow / 2;
  if (half % layout.bytes !== 0) throw new Error('Half a row is no whole number of blocks.');
  const signAt = type === 'F32' ? 3 : 1;
  for (const start of [0, half]) {
    const order = shuffled(rows, random);
    for (let i = 0; i + 1 < rows; i += 2) {
      const from = order[i]! * perRow + start;
      const to = order[i + 1]! * perRow + start;
      bytes.copyWithin(to, from, from + half);
      for (let at = to; at < to + half; at += layout.bytes) bytes[at + signAt]! ^= 0x80;
    }
  }
}

/** 0 to count - 1 in a random order (Fisher and Yates). */
function shuffled(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
