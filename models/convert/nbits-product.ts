/** The product of a value with a matrix of 4 or 8 bits: ONNX Runtime's MatMulNBits. */
import { toFloat16Array } from './float16.js';
import { bytesOf, type GraphBuilder, type ValueName } from './graph-builder.js';
import { packNibbles, type QuantisedMatrix } from './quantise.js';

/** Activations are rounded to 8 bits block by block, so that products are of whole numbers. */
const INTEGER_PRODUCTS = 4;

/** x [.., columns] times the transposed matrix: [.., rows]. */
export function nbitsProduct(
  graph: GraphBuilder,
  x: ValueName,
  name: string,
  matrix: QuantisedMatrix,
  output?: ValueName,
): ValueName {
  const { rows, columns, bits, blockSize, codes, scales, zeroPoints } = matrix;
  const perRow = scales.length / rows;
  const inputs = [
    x,
    graph.constant(
      `${name}.codes`,
      'uint8',
      [rows, perRow, (blockSize * bits) / 8],
      bits === 4 ? packNibbles(codes) : codes,
    ),
    float16Constant(graph, `${name}.scales`, [rows * perRow], scales),
  ];
  if (zeroPoints !== undefined) {
    const packed = packRows(zeroPoints, rows, perRow);
    inputs.push(graph.constant(`${name}.zeros`, 'uint8', [packed.length], packed));
  }
  return graph.node('MatMulNBits', inputs, {
    contrib: true,
    attributes: { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: INTEGER_PRODUCTS },
    ...(output === undefined ? {} : { outputs: [output] }),
  });
}

/** Stores float16 and widens it when the graph is loaded: ONNX Runtime folds the cast of a constant. */
export function float16Constant(
  graph: GraphBuilder,
  name: string,
  dimensions: readonly number[],
  values: Float32Array,
): ValueName {
  const stored = graph.constant(name, 'float16', dimensions, bytesOf(toFloat16Array(values)));
  return graph.node('Cast', [stored], { attributes: { to: 1 } });
}

/** Zero points are packed two a byte, and each row begins with a new byte. */
function packRows(zeroPoints: Uint8Array, rows: number, perRow: number): Uint8Array {
  const width = Math.ceil(perRow / 2) * 2;
  const padded = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++)
    padded.set(zeroPoints.subarray(row * perRow, (row + 1) * perRow), row * width);
  return packNibbles(padded);
}
