/** The graphs of a bundle by the devices that they are for, all over the same weights: processors, graphics cards. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleArchitecture, BundleDescription } from '../../language-server/inference/bundle.js';
import { groupedGraph, rowsGraph } from './grouped-graph.js';
import { halfGraph } from './half-graph.js';
import { encodeOnnxModel, type OnnxGraph } from './onnx-writer.js';
import { propagationGraph } from './propagation-graph.js';

/** A block as `blockGraph` makes it, and the layers firstLayer <= l < endLayer that it runs. */
export interface BuiltBlock {
  readonly graph: OnnxGraph;
  readonly firstLayer: number;
  readonly endLayer: number;
}

/** For processors; for graphics cards; for those that compute in half precision. */
type Files = readonly [processor: string, grouped: string, half: string];

export function blockFiles(index: number): Files {
  return [`block-${index}.onnx`, `block-${index}.grouped.onnx`, `block-${index}.grouped-half.onnx`];
}

/** The graph that gives rows their keys and values where they skip a block. Nothing skips the first. */
export function propagationFiles(index: number): readonly string[] {
  return index === 0 ? [] : [`block-${index}.propagation.onnx`];
}

const ROWS = 'rows.onnx';
const HALF_ROWS = 'rows.half.onnx';
const HALF_HEAD = 'head.half.onnx';

/** The head, in either precision, and the graphs that move rows. */
export const headFiles = ['head.onnx', HALF_HEAD, ROWS, HALF_ROWS] as const;

/** What bundle.json says of the graphs for graphics cards. */
export function groupedFiles(blocks: number): NonNullable<BundleDescription['grouped']> {
  const files = Array.from({ length: blocks }, (_, index) => blockFiles(index));
  const [head] = headFiles;
  return [
    { precision: 'float32', blocks: files.map(([, grouped]) => grouped), head, rows: ROWS },
    { precision: 'float16', blocks: files.map(([, , half]) => half), head: HALF_HEAD, rows: HALF_ROWS },
  ];
}

export async function writeBlockGraphs(
  folder: string,
  index: number,
  architecture: BundleArchitecture,
  { graph, firstLayer, endLayer }: BuiltBlock,
): Promise<void> {
  const grouped = groupedGraph(graph, architecture, firstLayer, endLayer);
  const files = [...blockFiles(index), ...propagationFiles(index)];
  await writeAll(folder, files, [graph, grouped, halfGraph(grouped), propagationGraph(graph)]);
}

/** `head` is the one for processors. */
export async function writeHeadGraphs(
  folder: string,
  architecture: BundleArchitecture,
  head: OnnxGraph,
): Promise<void> {
  const rows = rowsGraph(architecture);
  await writeAll(folder, headFiles, [head, halfGraph(head), rows, halfGraph(rows)]);
}

async function writeAll(
  folder: string,
  files: readonly string[],
  graphs: readonly OnnxGraph[],
): Promise<void> {
  for (const [index, file] of files.entries())
    await writeFile(join(folder, file), encodeOnnxModel(graphs[index]!));
}
