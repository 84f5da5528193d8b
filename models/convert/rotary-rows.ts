/** The order of query and key rows: rotary position embedding turns pairs of rows, and programs pair them differently. */
import type { SourceTensor } from './model-source.js';
import { bytesPerRow } from './tensor-types.js';

/**
 * Reorders the rows of each head from neighbours (row 2i pairs with 2i + 1, llama.cpp's order) to halves
 * (row i pairs with i + headSize / 2, the order of the published weights). Rows move whole, so nothing is rounded.
 */
export function pairHalvesApart(tensor: SourceTensor, headSize: number): SourceTensor {
  // A bias is a vector: its values move as rows do.
  const rows = tensor.rows === 1 ? tensor.columns : tensor.rows;
  const size = tensor.rows === 1 ? bytesPerRow(tensor.type, 1) : bytesPerRow(tensor.type, tensor.columns);
  const half = headSize / 2;
  const bytes = new Uint8Array(tensor.bytes.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headSize;
    const from = row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
    bytes.set(tensor.bytes.subarray(from * size, (from + 1) * size), row * size);
  }
  return { ...tensor, bytes };
}
