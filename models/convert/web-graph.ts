/**
 * The graph for WebAssembly, made from the one for processors whenever it is loaded: the same numbers as float32.
 *
 * ONNX Runtime compiled to WebAssembly unpacks blocks of 4 or 8 bits anew in each product, which takes many times as
 * long as all the rest. Of the forms that are fast there, float32 is the one that loses nothing: rows of 8 bits with
 * 8-bit inputs took as long for a token. It is made in memory, a block at a time, so that there is nothing to keep, to
 * update or to clean up.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WebGraph } from '../../language-server/inference/web-session.js';
import type { Place } from './data-file.js';
import { bytesOf } from './graph-builder.js';
import { decodeOnnxModel } from './onnx-reader.js';
import { encodeOnnxModel, type OnnxGraph, type OnnxNode, type OnnxTensor } from './onnx-writer.js';
import { productReader } from './read-nbits.js';
import { withoutTheUnused } from './without-unused.js';

/** Reads a graph of a bundle, and everything that it takes from the files beside it. */
export async function readWebGraph(file: string): Promise<WebGraph> {
  const places = new PlaceReader(dirname(file));
  try {
    const content = (constant: OnnxTensor): Uint8Array =>
      constant.content instanceof Uint8Array ? constant.content : places.read(constant.content);
    const graph = floatGraph(decodeOnnxModel(await readFile(file)), content);
    const outside = graph.constants.filter(({ content: own }) => own.length > INLINE_BYTES);
    const weights = outside.map(({ name, content: data }) => ({ path: name, data }));
    const constants = graph.constants.map((constant) => {
      const {
        name,
        content: { length },
      } = constant;
      return length > INLINE_BYTES ? { ...constant, content: { file: name, offset: 0, length } } : constant;
    });
    return { model: encodeOnnxModel({ ...graph, constants }), weights };
  } finally {
    places.close();
  }
}

/** Constants up to this many bytes stay inside the graph. */
const INLINE_BYTES = 1024;

/** A graph that holds all of its constants. */
export interface WholeGraph extends OnnxGraph {
  readonly constants: readonly (OnnxTensor & { readonly content: Uint8Array })[];
}

/** Products with codes become products with the numbers that the codes stand for. `content` gives a constant's bytes. */
export function floatGraph(graph: OnnxGraph, content: (constant: OnnxTensor) => Uint8Array): WholeGraph {
  const product = productReader(graph, content);
  const matrices = new Map<string, () => OnnxTensor>();
  const nodes = graph.nodes.map((node): OnnxNode => {
    if (node.operator !== 'MatMulNBits') return node;
    const { input, rows, columns, codes, values } = product(node);
    const name = `${codes}.values`;
    matrices.set(name, () => ({
      name,
      type: 'float32',
      dimensions: [rows, columns],
      content: bytesOf(values()),
    }));
    const attributes = { transB: 1 };
    return { ...node, operator: 'FusedMatMul', inputs: [input, name], attributes };
  });
  const named = [...matrices.keys()].map((name) => ({
    name,
    type: 'float32' as const,
    dimensions: [],
    content: new Uint8Array(),
  }));
  const needed = withoutTheUnused({ ...graph, nodes, constants: [...graph.constants, ...named] });
  const constants = needed.constants.map((constant) => {
    const made = matrices.get(constant.name)?.() ?? constant;
    return { ...made, content: content(made) };
  });
  return { ...needed, constants };
}

/** Reads pieces of files in one folder, each file opened once. */
class PlaceReader {
  private readonly open = new Map<string, number>();

  constructor(private readonly folder: string) {}

  read({ file, offset, length }: Place): Uint8Array {
    const handle = this.open.get(file) ?? openSync(join(this.folder, file), 'r');
    this.open.set(file, handle);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const read = readSync(handle, bytes, done, length - done, offset + done);
      if (read === 0) throw new Error(`${file} ends too early.`);
      done += read;
    }
    return bytes;
  }

  close(): void {
    for (const handle of this.open.values()) closeSync(handle);
  }
}
