/** Reads the matrix of a MatMulNBits back from a graph, as `nbits-product.ts` and `block-sum-product.ts` put it there. */
import { foldedValues } from './block-sum-product.js';
import { widenHalves } from './float16.js';
import type { ValueName } from './graph-builder.js';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx-writer.js';
import { unpackNibbles, valuesOfCodes, type QuantisedMatrix } from './quantise.js';

/** A product with a matrix in codes: what it multiplies, and the numbers that the codes stand for. */
export interface ReadProduct {
  /** The input without the block sums that a folded product has behind it. */
  readonly input: ValueName;
  /** Columns of the input, and of the matrix. */
  readonly columns: number;
  readonly rows: number;
  /** Name of the constant with the codes. */
  readonly codes: ValueName;
  /** Row-major [rows, columns]. */
  readonly values: () => Float32Array;
}

/** `content` gives the bytes of a constant. */
export function productReader(
  graph: OnnxGraph,
  content: (constant: OnnxTensor) => Uint8Array,
): (node: OnnxNode) => ReadProduct {
  const constants = new Map(graph.constants.map((constant) => [constant.name, constant]));
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  const bytes = (name: ValueName): Uint8Array => content(constants.get(name)!);

  return (node) => {
    const [input, codes, scales, zeros] = node.inputs as [ValueName, ValueName, ValueName, ValueName?];
    const folded = foldingOf(producers.get(input), producers, constants);
    const columns = folded?.columns ?? numberOf(node, 'K');
    return {
      input: folded?.input ?? input,
      columns,
      rows: numberOf(node, 'N'),
      codes,
      values: () => {
        const halves = producers.get(scales)!.inputs[0]!;
        const matrix = matrixOf(
          node,
          bytes(codes),
          bytes(halves),
          zeros === undefined ? zeros : bytes(zeros),
        );
        return folded ? foldedValues(matrix, columns, folded.digits) : valuesOfCodes(matrix, columns);
      },
    };
  };
}

interface Folding {
  readonly input: ValueName;
  readonly columns: number;
  readonly digits: 1 | 2;
}

/** What `foldedInput` made: an input with its block sums behind it, once or twice. */
function foldingOf(
  joined: OnnxNode | undefined,
  producers: ReadonlyMap<ValueName, OnnxNode>,
  constants: ReadonlyMap<ValueName, OnnxTensor>,
): Folding | undefined {
  const [input, sums] = joined?.operator === 'Concat' ? joined.inputs : [];
  const [summed, ones] = (sums === undefined ? undefined : producers.get(sums))?.inputs ?? [];
  if (input === undefined || summed !== input || !ones?.startsWith('block_sums_')) return undefined;
  const digits = joined!.inputs.length - 1;
  return { input, columns: constants.get(ones)!.dimensions[0]!, digits: digits === 1 ? 1 : 2 };
}

function matrixOf(
  node: OnnxNode,
  codes: Uint8Array,
  scales: Uint8Array,
  zeros: Uint8Array | undefined,
): QuantisedMatrix {
  const [rows, columns, bits] = [numberOf(node, 'N'), numberOf(node, 'K'), numberOf(node, 'bits')];
  const blockSize = numberOf(node, 'block_size');
  const perRow = Math.ceil(columns / blockSize);
  return {
    rows,
    columns,
    bits: bits === 4 ? 4 : 8,
    blockSize,
    codes: bits === 4 ? unpackNibbles(codes) : codes,
    scales: widenHalves(scales),
    ...(zeros && { zeroPoints: unpackRows(zeros, rows, perRow) }),
  };
}

/** Each row of zero points begins with a new byte. */
function unpackRows(packed: Uint8Array, rows: number, perRow: number): Uint8Array {
  const padded = unpackNibbles(packed);
  const width = padded.length / rows;
  const zeroPoints = new Uint8Array(rows * perRow);
  for (let row = 0; row < rows; row++)
    zeroPoints.set(padded.subarray(row * width, row * width + perRow), row * perRow);
  return zeroPoints;
}

function numberOf({ attributes, operator }: OnnxNode, name: string): number {
  const value = attributes[name];
  if (typeof value !== 'number') throw new Error(`A ${operator} without a number ${name}.`);
  return value;
}
