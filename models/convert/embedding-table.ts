/** The embedding table: rows that JavaScript reads, and the very matrix that the head multiplies by. */
import type { BundleArchitecture, BundleDescription } from '../../language-server/inference/bundle.js';
import type { DataFile, Place } from './data-file.js';
import { dequantise } from './dequantise.js';
import { bytesOf, createGraph, type GraphBuilder, type ValueName } from './graph-builder.js';
import { normalise } from './decoder-graph.js';
import { matrixPieces, rowPieces, squaresOf, type Listener } from './matrix-pieces.js';
import { HEAD, isTied, TABLE } from './model-matrices.js';
import { matrixProduct } from './matrix-product.js';
import { ConversionError, isFloat, type ModelSource, type TensorShape } from './model-source.js';
import { storeMatrix } from './nbits-product.js';
import type { OnnxGraph } from './onnx-writer.js';
import { tableEncoder } from './row-encoder.js';
import { keepsExactly, tableBlocks, valuesOfTable } from './table-blocks.js';
import type { WeightFormat } from './weight-formats.js';

/** The description for `bundle.json`, and the places that the head's graph names. */
export type EmbeddingTable =
  | { readonly bits: 32; readonly rows: Place }
  | {
      readonly bits: 8;
      readonly blockSize: number;
      readonly codes: Place;
      readonly scales: Place;
      readonly offsets?: Place;
    };

const BLOCK_SIZE = 32;

/**
 * Writes the table in 8 bits, or in float32. From blocks of 32 around a fixed zero the 8-bit table is exact; a table
 * that the head does not multiply by keeps any blocks.
 */
export async function writeEmbedding(
  source: ModelSource,
  bits: 8 | 32,
  data: DataFile,
  listener: Listener,
): Promise<EmbeddingTable> {
  const shape = source.shape(TABLE);
  if (shape === undefined) throw new ConversionError(`The model has no tensor ${TABLE}.`);
  if (bits === 32) return { bits, rows: await writeFloats(source, shape, data, listener) };
  if (shape.columns % BLOCK_SIZE !== 0)
    throw new ConversionError(`A width of ${shape.columns} cannot be stored in blocks of ${BLOCK_SIZE}.`);
  if (!isTied(source) && !isFloat(shape.type)) return writeBlocks(source, shape, data, listener);
  const encoder = tableEncoder(shape.type);
  const { codes, scales } = await storeMatrix(data, matrixPieces(source, [TABLE], encoder, listener));
  return { bits, blockSize: BLOCK_SIZE, codes, scales };
}

async function writeFloats(
  source: ModelSource,
  shape: TensorShape,
  data: DataFile,
  listener: Listener,
): Promise<Place> {
  const run = data.begin();
  for await (const rows of rowPieces(source, TABLE)) {
    run.write(bytesOf(dequantise(rows)));
    listener({ tensor: TABLE, shape, rows: rows.rows, exact: true });
  }
  return run.end();
}

/** Only scales and offsets, a small share, are held meanwhile. */
async function writeBlocks(
  source: ModelSource,
  shape: TensorShape,
  data: DataFile,
  listener: Listener,
): Promise<EmbeddingTable> {
  const run = data.begin();
  const scales: Uint8Array[] = [];
  const offsets: Uint8Array[] = [];
  let blockSize = 0;
  for await (const rows of rowPieces(source, TABLE)) {
    const blocks = tableBlocks(rows);
    run.write(blocks.codes);
    scales.push(blocks.scales);
    if (blocks.offsets !== undefined) offsets.push(blocks.offsets);
    ({ blockSize } = blocks);
    const exact = keepsExactly(shape.type);
    const squares = exact ? {} : squaresOf(dequantise(rows), valuesOfTable(blocks));
    listener({ tensor: TABLE, shape, rows: rows.rows, exact, ...squares });
  }
  return {
    bits: 8,
    blockSize,
    codes: run.end(),
    scales: data.append(Buffer.concat(scales)),
    ...(offsets.length > 0 && { offsets: data.append(Buffer.concat(offsets)) }),
  };
}

export function describeEmbedding(table: EmbeddingTable, file: string): BundleDescription['embedding'] {
  if (table.bits === 32) return { file, bits: 32, rowsOffset: table.rows.offset };
  const { blockSize, codes, scales, offsets } = table;
  const places = { codesOffset: codes.offset, scalesOffset: scales.offset };
  return { file, bits: 8, blockSize, ...places, ...(offsets && { offsetsOffset: offsets.offset }) };
}

/** The head: the last norm, then one logit a token. Input `x` [1, S, hidden], output `logits` [1, S, vocabulary]. */
export async function headGraph(
  source: ModelSource,
  table: EmbeddingTable,
  data: DataFile,
  format: WeightFormat,
  listener: Listener,
): Promise<OnnxGraph> {
  const { architecture } = source;
  const graph = createGraph('head', data);
  const x = graph.input({ name: 'x', type: 'float32', dimensions: [1, 'S', architecture.hidden] });
  const { normal } = await normalise(graph, source, x, undefined, 'output_norm');
  if (isTied(source)) multiplyByTable(graph, architecture, normal, table);
  else {
    const own = format === 'fp32' || format === 'kept' ? format : 'q8-b32';
    await matrixProduct({ graph, data, source, format: own, listener }, normal, 'head', [HEAD], 'logits');
  }
  graph.output({ name: 'logits', type: 'float32', dimensions: [1, 'S', architecture.vocabulary] });
  return graph.finish();
}

function multiplyByTable(
  graph: GraphBuilder,
  { hidden, vocabulary }: BundleArchitecture,
  x: ValueName,
  table: EmbeddingTable,
): void {
  const outputs = ['logits'];
  if (table.bits === 32) {
    const rows = graph.constant('embedding', 'float32', [vocabulary, hidden], table.rows);
    graph.node('FusedMatMul', [x, rows], { contrib: true, attributes: { transB: 1 }, outputs });
    return;
  }
  const perRow = hidden / table.blockSize;
  const codes = graph.constant(
    'embedding.codes',
    'uint8',
    [vocabulary, perRow, table.blockSize],
    table.codes,
  );
  const stored = graph.constant('embedding.scales', 'float16', [vocabulary * perRow], table.scales);
  const scales = graph.node('Cast', [stored], { attributes: { to: 1 } });
  const attributes = { K: hidden, N: vocabulary, bits: 8, block_size: table.blockSize, accuracy_level: 4 };
  graph.node('MatMulNBits', [x, codes, scales], { contrib: true, attributes, outputs });
}
