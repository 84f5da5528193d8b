/** Multiplies by a matrix of the model, in whichever form the bundle stores its weights. */
import { foldedProduct, sumsProduct8Bit, sumsProductFloat } from './block-sum-product.js';
import { codedMatrix, dequantise, type CodedMatrix } from './dequantise.js';
import { bytesOf, type GraphBuilder, type ValueName } from './graph-builder.js';
import { ConversionError, type SourceTensor } from './model-source.js';
import { nbitsProduct } from './nbits-product.js';
import { quantiseSymmetric, quantiseWithZeroPoints } from './quantise.js';
import type { WeightFormat } from './weight-formats.js';

/** x [1, S, columns] times the transposed matrix, [1, S, rows]. `name` is that of the constants. */
export function matrixProduct(
  graph: GraphBuilder,
  x: ValueName,
  name: string,
  matrix: SourceTensor,
  format: WeightFormat,
): ValueName {
  const { rows, columns } = matrix;
  switch (format) {
    case 'fp32':
      return graph.node('MatMul', [
        x,
        graph.constant(
          name,
          'float32',
          [columns, rows],
          bytesOf(transpose(dequantise(matrix), rows, columns)),
        ),
      ]);
    case 'q8':
      return nbitsProduct(graph, x, name, quantiseSymmetric(dequantise(matrix), rows, columns, 8, 64));
    case 'q8-b32':
      return nbitsProduct(graph, x, name, quantiseSymmetric(dequantise(matrix), rows, columns, 8, 32));
    case 'q4':
      return nbitsProduct(graph, x, name, quantiseSymmetric(dequantise(matrix), rows, columns, 4, 32));
    case 'q4-b16':
      return nbitsProduct(graph, x, name, quantiseSymmetric(dequantise(matrix), rows, columns, 4, 16));
    case 'q4-zero':
      return nbitsProduct(graph, x, name, quantiseWithZeroPoints(dequantise(matrix), rows, columns, 32));
    case 'q4-sums-fp32':
      return sumsProductFloat(graph, x, name, codedOrRefuse(name, matrix));
    case 'q4-sums-q8':
      return sumsProduct8Bit(graph, x, name, codedOrRefuse(name, matrix));
    case 'q4-folded':
      return foldedProduct(graph, x, name, codedOrRefuse(name, matrix), 1);
    case 'q4-folded2':
      return foldedProduct(graph, x, name, codedOrRefuse(name, matrix), 2);
  }
}

/** One matrix out of several with the same columns, one below the other. */
export function stackRows(tensors: readonly SourceTensor[]): SourceTensor {
  const [first] = tensors;
  const alike = tensors.every((tensor) => tensor.type === first!.type);
  const parts = alike
    ? tensors.map((tensor) => tensor.bytes)
    : tensors.map((tensor) => bytesOf(dequantise(tensor)));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const rows = tensors.reduce((sum, tensor) => sum + tensor.rows, 0);
  return { rows, columns: first!.columns, type: alike ? first!.type : 'F32', bytes };
}

function codedOrRefuse(name: string, matrix: SourceTensor): CodedMatrix {
  const coded = codedMatrix(matrix);
  if (coded !== undefined) return coded;
  throw new ConversionError(
    `This weight format keeps the source's four bits, but ${name} is stored as ${matrix.type}.`,
  );
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column]!;
  }
  return turned;
}
