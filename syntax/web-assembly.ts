/** The part of the WebAssembly JavaScript interface that this folder uses, which no DOM-free library declares. */

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** A table of functions that WebAssembly code calls by index. */
export interface WasmTable {
  readonly length: number;
  /** Returns the index of the first new slot. */
  grow(slots: number): number;
  get(index: number): unknown;
  set(index: number, value: unknown): void;
}

export interface WasmModule {
  readonly brand?: 'WebAssembly.Module';
}

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance;
  instantiate(
    bytes: Uint8Array,
    imports: WasmImports,
  ): Promise<{ module: WasmModule; instance: WasmInstance }>;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface })
  .WebAssembly;
