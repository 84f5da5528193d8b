/** The embedding table: rows that JavaScript reads, and the very matrix that the head multiplies by. */
import type { BundleArchitecture, BundleDescription } from '../../language-server/inference/bundle.js';
import type { DataFile, Place } from './data-file.js';
import { dequantise } from './dequantise.js';
import { toFloat16Array } from './float16.js';
import { bytesOf, createGraph, type GraphBuilder, type ValueName } from './graph-builder.js';
import { normalise } from './decoder-graph.js';
import type { ModelSource, SourceTensor } from './model-source.js';
import type { OnnxGraph } from './onnx-writer.js';
import { quantiseSymmetric } from './quantise.js';

/** The description for `bundle.json`, and the places that the head's graph names. */
export type EmbeddingTable =
  | { readonly bits: 32; readonly rows: Place }
  | { readonly bits: 8; readonly blockSize: number; readonly codes: Place; readonly scales: Place };

const BLOCK_SIZE = 32;

/** Writes the table in 8 bits, or in float32. From a Q8_0 tensor the 8-bit table is exact: same blocks, same scales. */
export async function writeEmbedding(
  source: ModelSource,
  bits: 8 | 32,
  data: DataFile,
): Promise<EmbeddingTable> {
  const tensor = await source.tensor('token_embd.weight');
  if (bits === 32) return { bits, rows: data.append(bytesOf(dequantise(tensor))) };
  const { codes, scales } = tensor.type === 'Q8_0' ? storedCodes(tensor) : roundedCodes(tensor);
  return { bits, blockSize: BLOCK_SIZE, codes: data.append(codes), scales: data.append(bytesOf(scales)) };
}

export function describeEmbedding(table: EmbeddingTable, file: string): BundleDescription['embedding'] {
  if (table.bits === 32) return { file, bits: 32, rowsOffset: table.rows.offset };
  const { blockSize, codes, scales } = table;
  return { file, bits: 8, blockSize, codesOffset: codes.offset, scalesOffset: scales.offset };
}

/** The head: the last norm, then one logit a token. Input `x` [1, S, hidden], output `logits` [1, S, vocabulary]. */
export async function headGraph(
  source: ModelSource,
  table: EmbeddingTable,
  data: DataFile,
): Promise<OnnxGraph> {
  const { architecture } = source;
  const graph = createGraph('head', data);
  const x = graph.input({ name: 'x', type: 'float32', dimensions: [1, 'S', architecture.hidden] });
  const { normal } = normalise(graph, architecture, x, undefined, await source.tensor('output_norm.weight'));
  multiplyByTable(graph, architecture, normal, table);
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

function storedCodes({ bytes, rows, columns }: SourceTensor): { codes: Uint8Array; scales: Uint16Array } {
  const blocks = (rows * columns) / 32;
  const codes = new Uint8Array(rows * columns);
  const scales = new Uint16Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const from = block * 34;
    scales[block] = bytes[from]! | (bytes[from + 1]! << 8);
    // A signed byte plus 128 is the same byte with its highest bit turned.
    for (let i = 0; i < 32; i++) codes[block * 32 + i] = bytes[from + 2 + i]! ^ 0x80;
  }
  return { codes, scales };
}

function roundedCodes(tensor: SourceTensor): { codes: Uint8Array; scales: Uint16Array } {
  const { codes, scales } = quantiseSymmetric(dequantise(tensor), tensor.rows, tensor.columns, 8, BLOCK_SIZE);
  return { codes, scales: toFloat16Array(scales) };
}
