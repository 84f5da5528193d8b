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
  /** Begins a run of bytes that comes in pieces; it must be ended before anything else is written. */
  begin(): { write(bytes: Uint8Array): void; end(): Place };
  close(): void;
}

/** Tensors begin at multiples of this, so that a mapped file can be read with the widest instructions. */
const ALIGNMENT = 64;

export function createDataFile(folder: string, file: string): DataFile {
  const handle = openSync(join(folder, file), 'w');
  let end = 0;
  const put = (bytes: Uint8Array): void => {
    for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written);
    end += bytes.length;
  };
  const begin: DataFile['begin'] = () => {
    put(new Uint8Array(Math.ceil(end / ALIGNMENT) * ALIGNMENT - end));
    const offset = end;
    return { write: put, end: () => ({ file, offset, length: end - offset }) };
  };
  return {
    file,
    begin,
    append: (bytes) => {
      const run = begin();
      run.write(bytes);
      return run.end();
    },
    close: () => {
      closeSync(handle);
    },
  };
}
