/**
 * Products with a 4-bit matrix whose blocks have an offset each, as in Q4_1: value = scale * code + minimum.
 * MatMulNBits is fast only with whole-numbered zero points. Since a block's offset multiplies the sum of the inputs
 * that meet the block, offsets are a second, 32 times smaller matrix that multiplies the block sums of the input.
 */
import type { CodedMatrix } from './dequantise.js';
import { bytesOf, type GraphBuilder, type ValueName } from './graph-builder.js';
import { nbitsProduct } from './nbits-product.js';
import { quantiseSymmetric, valuesOfCodes, type QuantisedMatrix } from './quantise.js';

const MIDDLE = 8;

/** Offsets as a float32 matrix: exact. */
export function sumsProductFloat(
  graph: GraphBuilder,
  x: ValueName,
  name: string,
  matrix: CodedMatrix,
): ValueName {
  const { rows, columns } = matrix;
  const blocks = columns / 32;
  const offsets = offsetsAround(matrix, MIDDLE);
  const transposed = new Float32Array(offsets.length);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++)
      transposed[block * rows + row] = offsets[row * blocks + block]!;
  }
  const main = nbitsProduct(graph, x, name, { ...matrix, bits: 4 });
  const small = graph.constant(`${name}.offsets`, 'float32', [blocks, rows], bytesOf(transposed));
  return graph.node('Add', [main, graph.node('MatMul', [blockSums(graph, x, columns, blocks), small])]);
}

/** Offsets as an 8-bit matrix. */
export function sumsProduct8Bit(
  graph: GraphBuilder,
  x: ValueName,
  name: string,
  matrix: CodedMatrix,
): ValueName {
  const { rows, columns } = matrix;
  const blocks = columns / 32;
  const width = Math.ceil(blocks / 32) * 32;
  const offsets = widen(offsetsAround(matrix, MIDDLE), rows, blocks, width);
  const main = nbitsProduct(graph, x, name, { ...matrix, bits: 4 });
  const sums = blockSums(graph, x, columns, width);
  return graph.node('Add', [
    main,
    nbitsProduct(graph, sums, `${name}.offsets`, quantiseSymmetric(offsets, rows, width, 8, 32)),
  ]);
}

/**
 * One product for both. Each block gets the whole-numbered zero nearest to its own, so that only a rest of at most
 * half a step is left of its offset; the rests become further columns, which multiply the block sums that are put
 * after the input. `digits` columns a block keep four bits of the rest each.
 */
export function foldedRows(matrix: CodedMatrix, digits: 1 | 2): QuantisedMatrix {
  const { rows, columns, codes, scales } = matrix;
  const blocks = columns / 32;
  const width = sumsWidth(columns);
  const zeroPoints = nearestZeros(matrix);
  let rest = widen(offsetsAround(matrix, zeroPoints), rows, blocks, width);
  const parts: QuantisedMatrix[] = [{ rows, columns, bits: 4, blockSize: 32, codes, scales, zeroPoints }];
  for (let digit = 0; digit < digits; digit++) {
    const part = quantiseSymmetric(rest, rows, width, 4, 32);
    const step = part.scales;
    rest = rest.map((value, index) => value - step[Math.floor(index / 32)]! * (part.codes[index]! - MIDDLE));
    parts.push({ ...part, zeroPoints: new Uint8Array(step.length).fill(MIDDLE) });
  }
  return sideBySide(parts);
}

/** The input of a folded product: x [.., columns], and its block sums once for each digit. */
export function foldedInput(graph: GraphBuilder, x: ValueName, columns: number, digits: 1 | 2): ValueName {
  const sums = blockSums(graph, x, columns, sumsWidth(columns));
  return graph.node('Concat', [x, ...Array<string>(digits).fill(sums)], { attributes: { axis: -1 } });
}

/** What folded rows stand for: each value with the rests of its block added. */
export function foldedValues(encoded: QuantisedMatrix, columns: number, digits: 1 | 2): Float32Array {
  const wide = valuesOfCodes(encoded, encoded.columns);
  const width = sumsWidth(columns);
  const values = new Float32Array(encoded.rows * columns);
  for (let row = 0; row < encoded.rows; row++) {
    const from = row * encoded.columns;
    for (let column = 0; column < columns; column++) {
      let value = wide[from + column]!;
      for (let digit = 0; digit < digits; digit++)
        value += wide[from + columns + digit * width + (column >> 5)]!;
      values[row * columns + column] = value;
    }
  }
  return values;
}

/** Columns that the block sums take: whole blocks of 32. */
function sumsWidth(columns: number): number {
  return Math.ceil(columns / 32 / 32) * 32;
}

/** x [.., columns] to the sums of its blocks of 32 [.., width], padded with zeros. */
function blockSums(graph: GraphBuilder, x: ValueName, columns: number, width: number): ValueName {
  const ones = new Float32Array(columns * width);
  for (let column = 0; column < columns; column++) ones[column * width + Math.floor(column / 32)] = 1;
  const constant = graph.constant(
    `block_sums_${columns}_${width}`,
    'float32',
    [columns, width],
    bytesOf(ones),
  );
  return graph.node('MatMul', [x, constant]);
}

/** What is left of each block's minimum when its zero point has been taken out: minimum + zero * scale. */
function offsetsAround({ scales, minima }: CodedMatrix, zeros: number | Uint8Array): Float32Array {
  return minima.map(
    (minimum, block) => minimum + (typeof zeros === 'number' ? zeros : zeros[block]!) * scales[block]!,
  );
}

function nearestZeros({ scales, minima }: CodedMatrix): Uint8Array {
  return Uint8Array.from(scales, (scale, block) =>
    scale === 0 ? MIDDLE : Math.max(0, Math.min(15, Math.round(-minima[block]! / scale))),
  );
}

function widen(values: Float32Array, rows: number, from: number, to: number): Float32Array {
  const wide = new Float32Array(rows * to);
  for (let row = 0; row < rows; row++) wide.set(values.subarray(row * from, (row + 1) * from), row * to);
  return wide;
}

/** One matrix out of several with the same rows, bits and block size. */
function sideBySide(parts: readonly QuantisedMatrix[]): QuantisedMatrix {
  const [first] = parts;
  const { rows, bits, blockSize } = first!;
  const join = (
    pick: (part: QuantisedMatrix) => Uint8Array | Float32Array,
    into: Uint8Array | Float32Array,
  ): void => {
    let at = 0;
    for (let row = 0; row < rows; row++) {
      for (const part of parts) {
        const values = pick(part);
        const width = values.length / rows;
        into.set(values.subarray(row * width, (row + 1) * width), at);
        at += width;
      }
    }
  };
  const total = (pick: (part: QuantisedMatrix) => number): number =>
    parts.reduce((sum, part) => sum + pick(part), 0);
  const codes = new Uint8Array(total((part) => part.codes.length));
  const scales = new Float32Array(total((part) => part.scales.length));
  const zeroPoints = new Uint8Array(scales.length);
  join((part) => part.codes, codes);
  join((part) => part.scales, scales);
  join((part) => part.zeroPoints!, zeroPoints);
  return { rows, columns: total((part) => part.columns), bits, blockSize, codes, scales, zeroPoints };
}
