/** A binary file beside the graphs that is written once, from front to back: the weights of a block, or the embedding. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Where a run of bytes lies; what an ONNX tensor with external data names. */
export interface Place {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

export interface DataFile {
  readonly file: string;
  append(bytes: Uint8Array): Place;
  close(): void;
}

/** Tensors begin at multiples of this, so that a mapped file can be read with the widest instructions. */
const ALIGNMENT = 64;

export function createDataFile(folder: string, file: string): DataFile {
  const handle = openSync(join(folder, file), 'w');
  let end = 0;
  return {
    file,
    append: (bytes) => {
      const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      writeSync(handle, new Uint8Array(offset - end));
      for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written);
      end = offset + bytes.length;
      return { file, offset, length: bytes.length };
    },
    close: () => {
      closeSync(handle);
    },
  };
}
