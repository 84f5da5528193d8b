/** The product of a value with a matrix of 4 or 8 bits: ONNX Runtime's MatMulNBits. */
import type { DataFile, Place } from './data-file.js';
import { toFloat16Array } from './float16.js';
import { bytesOf, type GraphBuilder, type ValueName } from './graph-builder.js';
import { packNibbles, type QuantisedMatrix } from './quantise.js';

/** Activations are rounded to 8 bits block by block, so that products are of whole numbers. */
const INTEGER_PRODUCTS = 4;

/** A matrix of codes without the codes, and where its parts lie. */
export interface StoredMatrix extends Omit<QuantisedMatrix, 'codes' | 'scales' | 'zeroPoints'> {
  readonly codes: Place;
  /** float16. */
  readonly scales: Place;
  readonly zeroPoints?: Place;
}

/** x [.., columns] times the transposed matrix: [.., rows]. */
export function nbitsProduct(
  graph: GraphBuilder,
  x: ValueName,
  name: string,
  matrix: QuantisedMatrix,
  output?: ValueName,
): ValueName {
  const { codes, scales, zeroPoints, ...shape } = matrix;
  const packed = shape.bits === 4 ? packNibbles(codes) : codes;
  const halves = bytesOf(toFloat16Array(scales));
  const zeros =
    zeroPoints === undefined ? undefined : packRows(zeroPoints, shape.rows, scales.length / shape.rows);
  return product(graph, x, name, shape, { codes: packed, scales: halves, zeros }, output);
}

/** The same with a matrix that lies in a file already. */
export function storedProduct(
  graph: GraphBuilder,
  x: ValueName,
  name: string,
  matrix: StoredMatrix,
  output?: ValueName,
): ValueName {
  const { codes, scales, zeroPoints } = matrix;
  return product(graph, x, name, matrix, { codes, scales, zeros: zeroPoints }, output);
}

/** Writes a matrix whose rows come in pieces; only scales and zero points, a small share, are held meanwhile. */
export async function storeMatrix(
  data: DataFile,
  pieces: AsyncIterable<QuantisedMatrix>,
): Promise<StoredMatrix> {
  const run = data.begin();
  const scales: Uint8Array[] = [];
  const zeros: Uint8Array[] = [];
  let rows = 0;
  let last: QuantisedMatrix | undefined;
  for await (const piece of pieces) {
    run.write(piece.bits === 4 ? packNibbles(piece.codes) : piece.codes);
    scales.push(bytesOf(toFloat16Array(piece.scales)));
    if (piece.zeroPoints !== undefined)
      zeros.push(packRows(piece.zeroPoints, piece.rows, piece.scales.length / piece.rows));
    rows += piece.rows;
    last = piece;
  }
  if (last === undefined) throw new Error('A matrix without rows cannot be stored.');
  const codes = run.end();
  const { columns, bits, blockSize } = last;
  return {
    rows,
    columns,
    bits,
    blockSize,
    codes,
    scales: data.append(Buffer.concat(scales)),
    ...(zeros.length > 0 && { zeroPoints: data.append(Buffer.concat(zeros)) }),
  };
}

interface Parts {
  readonly codes: Uint8Array | Place;
  readonly scales: Uint8Array | Place;
  readonly zeros: Uint8Array | Place | undefined;
}

function product(
  graph: GraphBuilder,
  x: ValueName,
  name: string,
  { rows, columns, bits, blockSize }: Omit<QuantisedMatrix, 'codes' | 'scales' | 'zeroPoints'>,
  { codes, scales, zeros }: Parts,
  output: ValueName | undefined,
): ValueName {
  const perRow = Math.ceil(columns / blockSize);
  const inputs = [
    x,
    graph.constant(`${name}.codes`, 'uint8', [rows, perRow, (blockSize * bits) / 8], codes),
    float16Constant(graph, `${name}.scales`, [rows * perRow], scales),
  ];
  if (zeros !== undefined) inputs.push(graph.constant(`${name}.zeros`, 'uint8', [zeros.length], zeros));
  return graph.node('MatMulNBits', inputs, {
    contrib: true,
    attributes: { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: INTEGER_PRODUCTS },
    ...(output === undefined ? {} : { outputs: [output] }),
  });
}

/** Stores float16 and widens it when the graph is loaded: ONNX Runtime folds the cast of a constant. */
function float16Constant(
  graph: GraphBuilder,
  name: string,
  dimensions: readonly number[],
  halves: Uint8Array | Place,
): ValueName {
  const stored = graph.constant(name, 'float16', dimensions, halves);
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
