/** From the stored forms of GGUF tensors to float32 values, and to the codes of their 4-bit blocks. */
import { fromFloat16 } from './float16.js';
import type { SourceTensor } from './model-source.js';
import { layoutOf } from './tensor-types.js';

/** A 4-bit matrix in blocks of 32 along its rows: value = scale * code + minimum, with codes from 0 to 15. */
export interface CodedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly blockSize: 32;
  /** One byte a value, row-major. */
  readonly codes: Uint8Array;
  /** One a block, row-major. */
  readonly scales: Float32Array;
  readonly minima: Float32Array;
}

/** All values of a tensor, row-major. */
export function dequantise(tensor: SourceTensor): Float32Array {
  const view = viewOf(tensor);
  const values = new Float32Array(tensor.rows * tensor.columns);
  switch (tensor.type) {
    case 'F32':
      for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
      return values;
    case 'F16':
      for (let i = 0; i < values.length; i++) values[i] = fromFloat16(view.getUint16(2 * i, true));
      return values;
    case 'Q8_0':
      for (let i = 0; i < values.length; i++) {
        const block = (i >> 5) * 34;
        values[i] = fromFloat16(view.getUint16(block, true)) * view.getInt8(block + 2 + (i & 31));
      }
      return values;
    case 'Q4_0':
    case 'Q4_1': {
      const { codes, scales, minima } = codedMatrix(tensor)!;
      for (let i = 0; i < values.length; i++) values[i] = scales[i >> 5]! * codes[i]! + minima[i >> 5]!;
      return values;
    }
  }
}

/** The codes, scales and minima of a 4-bit tensor; nothing for the other types. */
export function codedMatrix(tensor: SourceTensor): CodedMatrix | undefined {
  const { type, rows, columns } = tensor;
  if (type !== 'Q4_0' && type !== 'Q4_1') return undefined;
  const view = viewOf(tensor);
  const size = layoutOf(type).bytes;
  const blocks = (rows * columns) / 32;
  const codes = new Uint8Array(rows * columns);
  const scales = new Float32Array(blocks);
  const minima = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const scale = fromFloat16(view.getUint16(block * size, true));
    scales[block] = scale;
    minima[block] = type === 'Q4_1' ? fromFloat16(view.getUint16(block * size + 2, true)) : -8 * scale;
    const packed = (block + 1) * size - 16;
    for (let i = 0; i < 16; i++) {
      const pair = view.getUint8(packed + i);
      codes[block * 32 + i] = pair & 15;
      codes[block * 32 + 16 + i] = pair >> 4;
    }
  }
  return { rows, columns, blockSize: 32, codes, scales, minima };
}

function viewOf({ bytes }: SourceTensor): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
