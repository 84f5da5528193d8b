/** The memory and the function table that every grammar shares, once web-tree-sitter has started. */
import type { WasmTable } from './web-assembly.js';

/** What Emscripten puts on the object given to it; the views are replaced whenever the memory grows. */
export interface EmscriptenModule {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU16: Uint16Array;
  readonly HEAP32: Int32Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  UTF8ToString(address: number): string;
}

export interface Heap {
  /** Read its views anew after anything that may allocate. */
  readonly module: EmscriptenModule;
  readonly functions: WasmTable;
  /** Address of the one lexer record; lexer-callbacks.wat describes it. */
  readonly lexerRecord: number;
  /** Room for the state of an external scanner: 1024 bytes, as tree-sitter reserves. */
  readonly scannerBuffer: number;
  /** Sets the lexer record to begin a token. */
  startToken(lexerRecord: number, position: number): void;
}
