/** A data file in memory: for graphs that are small enough to hold their constants themselves. */
import type { DataFile, Place } from '../convert/data-file.js';
import type { OnnxGraph } from '../convert/onnx-writer.js';

export interface MemoryFile {
  readonly file: DataFile;
  /** The graph with the constants that were put into the file. */
  readonly whole: (graph: OnnxGraph) => OnnxGraph;
}

export function inMemory(): MemoryFile {
  const parts = new Map<number, Uint8Array>();
  const name = 'memory';
  const append = (bytes: Uint8Array): Place => {
    const offset = parts.size;
    parts.set(offset, bytes);
    return { file: name, offset, length: bytes.length };
  };
  return {
    file: {
      file: name,
      append,
      begin() {
        const written: Uint8Array[] = [];
        return { write: (bytes) => void written.push(bytes), end: () => append(Buffer.concat(written)) };
      },
      close: () => undefined,
    },
    whole: (graph) => ({
      ...graph,
      constants: graph.constants.map((constant) =>
        constant.content instanceof Uint8Array
          ? constant
          : { ...constant, content: parts.get(constant.content.offset)! },
      ),
    }),
  };
}
