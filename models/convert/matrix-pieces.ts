/** Reads matrices a few rows at a time and encodes them: however large a model is, little of it is in memory. */
import { dequantise } from './dequantise.js';
import type { ModelSource, SourceTensor, TensorShape } from './model-source.js';
import type { QuantisedMatrix } from './quantise.js';
import type { RowEncoder } from './row-encoder.js';

/** Values of one piece: 16 MB as float32. */
const PIECE_VALUES = 4 << 20;

/** What has just become of rows of a tensor. */
export interface Encoded {
  readonly tensor: string;
  readonly shape: TensorShape;
  readonly rows: number;
  /** Whether the bundle holds exactly the numbers of the source. */
  readonly exact: boolean;
  /** Else: squares of the values, and of what they are off by, summed up. */
  readonly squares?: number;
  readonly squaredErrors?: number;
}

/** Hears of every piece. Throws to stop the conversion. */
export type Listener = (encoded: Encoded) => void;

/** Rows of a tensor as they are stored, a piece at a time. */
export async function* rowPieces(source: ModelSource, tensor: string): AsyncGenerator<SourceTensor> {
  const { rows, columns } = source.shape(tensor)!;
  const step = rowsAtOnce(columns, source.architecture.headSize);
  for (let row = 0; row < rows; row += step)
    yield await source.tensor(tensor, row, Math.min(row + step, rows));
}

/** The rows of `tensors`, one after the other, encoded. */
export async function* matrixPieces(
  source: ModelSource,
  tensors: readonly string[],
  encoder: RowEncoder,
  listener: Listener,
): AsyncGenerator<QuantisedMatrix> {
  for (const tensor of tensors) {
    const shape = source.shape(tensor)!;
    for await (const rows of rowPieces(source, tensor)) {
      const encoded = encoder.encode(rows);
      const told = { tensor, shape, rows: rows.rows, exact: encoder.exact };
      if (encoder.exact) listener(told);
      else {
        const decoded = encoder.decode(encoded, shape.columns);
        listener({ ...told, ...squaresOf(dequantise(rows), decoded) });
      }
      yield encoded;
    }
  }
}

/** Whole heads: the rows of one may stand in another order in the file. */
function rowsAtOnce(columns: number, headSize: number): number {
  return Math.max(1, Math.floor(PIECE_VALUES / columns / headSize)) * headSize;
}

export function squaresOf(
  values: Float32Array,
  decoded: Float32Array,
): { squares: number; squaredErrors: number } {
  let squares = 0;
  let squaredErrors = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const error = value - decoded[i]!;
    squares += value * value;
    squaredErrors += error * error;
  }
  return { squares, squaredErrors };
}
