/** Matrices of floats in a graph: stored in the floats that their file has, and float32 to whatever multiplies them. */
import { dequantise } from './dequantise.js';
import { bytesOf, type GraphBuilder, type ValueName } from './graph-builder.js';
import type { SourceTensor } from './model-source.js';
import { ELEMENT, type ElementType } from './onnx-writer.js';

/**
 * The transposed matrix, float32 [columns, rows]. Floats of two bytes are widened when the graph is loaded (ONNX Runtime
 * folds the cast of a constant), blocks when it is written: either way to exactly the source's numbers.
 */
export function storedFloats(graph: GraphBuilder, name: string, matrix: SourceTensor): ValueName {
  const { rows, columns } = matrix;
  const { type, values } = floatsOf(matrix);
  const stored = graph.constant(name, type, [columns, rows], bytesOf(transposed(values, rows, columns)));
  return type === 'float32' ? stored : graph.node('Cast', [stored], { attributes: { to: ELEMENT.float32 } });
}

function floatsOf(matrix: SourceTensor): { type: ElementType; values: Float32Array | Uint16Array } {
  if (matrix.type !== 'F16' && matrix.type !== 'BF16') return { type: 'float32', values: dequantise(matrix) };
  // A copy, since a row may begin at any byte of a file.
  const { buffer } = Uint8Array.from(matrix.bytes);
  return { type: matrix.type === 'F16' ? 'float16' : 'bfloat16', values: new Uint16Array(buffer) };
}

function transposed<T extends Float32Array | Uint16Array>(values: T, rows: number, columns: number): T {
  const turned = new (values.constructor as new (length: number) => T)(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column]!;
  }
  return turned;
}
