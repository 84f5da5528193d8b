/** Multiplies by matrices of the model, in whichever form the bundle stores its weights. */
import { foldedInput, sumsProduct8Bit, sumsProductFloat } from './block-sum-product.js';
import { codedMatrix, dequantise, type CodedMatrix } from './dequantise.js';
import type { DataFile } from './data-file.js';
import { bytesOf, type GraphBuilder, type ValueName } from './graph-builder.js';
import { matrixPieces, type Listener } from './matrix-pieces.js';
import { ConversionError, type ModelSource, type SourceTensor } from './model-source.js';
import { storedProduct, storeMatrix } from './nbits-product.js';
import { notFourBits, rowEncoder, type RowEncoder } from './row-encoder.js';
import { storedFloats } from './stored-floats.js';
import type { WeightFormat } from './weight-formats.js';

/** What products are made with. */
export interface Products {
  readonly graph: GraphBuilder;
  readonly data: DataFile;
  readonly source: ModelSource;
  readonly format: WeightFormat;
  readonly listener: Listener;
}

/**
 * x [1, S, columns] times the transposed matrices `tensors` of the source, side by side: [1, S, rows of all]. What can
 * be is one product. `name` is that of the constants, `output` that of the result.
 */
export async function matrixProduct(
  products: Products,
  x: ValueName,
  name: string,
  tensors: readonly string[],
  output?: ValueName,
): Promise<ValueName> {
  const { graph, source, format } = products;
  if (format === 'fp32' || format === 'q4-sums-fp32' || format === 'q4-sums-q8')
    return wholeProduct(products, x, name, tensors, output);
  const runs: { encoder: RowEncoder; tensors: string[] }[] = [];
  for (const tensor of tensors) {
    const encoder = rowEncoder(shapeOf(source, tensor).type, format, tensor);
    const last = runs.at(-1);
    if (last?.encoder.kind === encoder.kind) last.tensors.push(tensor);
    else runs.push({ encoder, tensors: [tensor] });
  }
  const results: ValueName[] = [];
  for (const [index, { encoder, tensors: own }] of runs.entries()) {
    const { columns } = shapeOf(source, own[0]!);
    const input = encoder.digits === 0 ? x : foldedInput(graph, x, columns, encoder.digits);
    const stored = await storeMatrix(products.data, matrixPieces(source, own, encoder, products.listener));
    const constants = runs.length === 1 ? name : `${name}.${index}`;
    results.push(storedProduct(graph, input, constants, stored, runs.length === 1 ? output : undefined));
  }
  if (results.length === 1) return results[0]!;
  return graph.node('Concat', results, {
    attributes: { axis: -1 },
    ...(output === undefined ? {} : { outputs: [output] }),
  });
}

/** Forms that are not codes alone: the reference, and those that models/README.md compares. They hold whole matrices. */
async function wholeProduct(
  { graph, source, format, listener }: Products,
  x: ValueName,
  name: string,
  tensors: readonly string[],
  output: ValueName | undefined,
): Promise<ValueName> {
  const parts: SourceTensor[] = [];
  for (const tensor of tensors) {
    parts.push(await source.tensor(tensor));
    listener({ tensor, shape: shapeOf(source, tensor), rows: parts.at(-1)!.rows, exact: format === 'fp32' });
  }
  const matrix = stackRows(parts);
  const outputs = output === undefined ? {} : { outputs: [output] };
  if (format === 'fp32') return graph.node('MatMul', [x, storedFloats(graph, name, matrix)], outputs);
  const coded = codedOrRefuse(name, matrix);
  const result =
    format === 'q4-sums-fp32'
      ? sumsProductFloat(graph, x, name, coded)
      : sumsProduct8Bit(graph, x, name, coded);
  return output === undefined ? result : graph.node('Identity', [result], outputs);
}

function shapeOf(source: ModelSource, tensor: string): NonNullable<ReturnType<ModelSource['shape']>> {
  const shape = source.shape(tensor);
  if (shape === undefined) throw new ConversionError(`The model has no tensor ${tensor}.`);
  return shape;
}

/** One matrix out of several with the same columns, one below the other. */
export function stackRows(tensors: readonly SourceTensor[]): SourceTensor {
  const [first] = tensors;
  const alike = tensors.every((tensor) => tensor.type === first!.type);
  const parts = alike
    ? tensors.map((tensor) => tensor.bytes)
    : tensors.map((tensor) => bytesOf(dequantise(tensor)));
  const rows = tensors.reduce((sum, tensor) => sum + tensor.rows, 0);
  return { rows, columns: first!.columns, type: alike ? first!.type : 'F32', bytes: joined(parts) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function codedOrRefuse(name: string, matrix: SourceTensor): CodedMatrix {
  const coded = codedMatrix(matrix);
  if (coded?.bits === 4) return coded;
  throw notFourBits(name, matrix.type);
}
