/**
 * The one process-wide home of grammars: web-tree-sitter's heap, opened so that our recogniser can read it.
 *
 * The object handed to `Parser.init` becomes the Emscripten module, and its `instantiateWasm` hook receives the
 * memory and the function table. Both happen once per process, so nothing else may start web-tree-sitter: this file
 * is its only importer.
 */
import { Language, Parser, type Tree } from 'web-tree-sitter';
import type { EmscriptenModule, Heap } from './heap.js';
import { lexerCallbacks } from './lexer-callbacks.js';
import { Lexer } from './lexer.js';
import { readParseTable, type ParseTable } from './parse-table.js';
import { TextBuffer } from './text-buffer.js';
import { webAssembly, type WasmImports, type WasmMemory, type WasmTable } from './web-assembly.js';

export { Edit, type Node, type Tree } from 'web-tree-sitter';

/** A grammar ready for use. It lives as long as the process. */
export interface Grammar {
  readonly table: ParseTable;
  readonly lexer: Lexer;
  readonly buffer: TextBuffer;
  /** An ordinary tree-sitter parse with its error recovery. The caller deletes the tree. */
  parse(text: string, previous?: Tree): Tree;
  /** An ordinary parse whose every log line goes to `log`; for tests that hold us against tree-sitter itself. */
  parseLogged(text: string, log: (message: string, isLexer: boolean) => boolean): void;
}

/** Why a grammar cannot be used: the constraint that wanted it is off, and says this. */
export interface UnusableGrammar {
  readonly unusable: string;
}

export interface GrammarRuntime {
  /** Never throws for what the bytes hold: a truncated or foreign grammar is an answer. */
  load(grammarWasm: Uint8Array): Promise<Grammar | UnusableGrammar>;
}

export function isUsable(grammar: Grammar | UnusableGrammar): grammar is Grammar {
  return !('unusable' in grammar);
}

let running: Promise<GrammarRuntime> | undefined;

/** Starts web-tree-sitter from its own `.wasm`; later calls return the runtime that already runs. */
export function startGrammarRuntime(treeSitterWasm: Uint8Array): Promise<GrammarRuntime> {
  running ??= start(treeSitterWasm);
  return running;
}

async function start(treeSitterWasm: Uint8Array): Promise<GrammarRuntime> {
  const heap = await openHeap(treeSitterWasm);
  const buffer = new TextBuffer(heap, heap.lexerRecord);
  return { load: (bytes) => load(bytes, heap, buffer) };
}

async function openHeap(treeSitterWasm: Uint8Array): Promise<Heap> {
  let memory: WasmMemory | undefined;
  let functions: WasmTable | undefined;
  const options = {
    instantiateWasm(imports: WasmImports, done: (instance: unknown, module: unknown) => void): object {
      memory = imports.env!.memory as WasmMemory;
      functions = imports.env!.__indirect_function_table as WasmTable;
      void webAssembly.instantiate(treeSitterWasm, imports).then(({ instance, module }) => {
        done(instance, module);
      });
      return {};
    },
  };
  await Parser.init(options);
  if (!memory || !functions) {
    throw new Error(
      'web-tree-sitter was started before the grammar runtime: let syntax/grammar-runtime.ts start it',
    );
  }
  const module = options as unknown as EmscriptenModule;
  const lexerRecord = module._malloc(64);
  const { startToken } = installCallbacks(module, functions, memory, lexerRecord);
  return { module, functions, lexerRecord, scannerBuffer: module._malloc(1024), startToken };
}

/** Puts our callbacks into the table and their indices into the lexer record. */
function installCallbacks(
  module: EmscriptenModule,
  functions: WasmTable,
  memory: WasmMemory,
  record: number,
) {
  const compiled = new webAssembly.Module(
    Uint8Array.from(atob(lexerCallbacks), (unit) => unit.charCodeAt(0)),
  );
  const { exports } = new webAssembly.Instance(compiled, { env: { memory } });
  const inRecordOrder = ['advance', 'mark_end', 'get_column', 'at_range_start', 'eof', 'log'];
  const first = functions.grow(inRecordOrder.length);
  inRecordOrder.forEach((name, i) => {
    functions.set(first + i, exports[name]);
    module.HEAP32[(record + 8 + 4 * i) >> 2] = first + i;
  });
  return { startToken: exports.start as Heap['startToken'] };
}

async function load(bytes: Uint8Array, heap: Heap, buffer: TextBuffer): Promise<Grammar | UnusableGrammar> {
  let language: Language;
  try {
    language = await Language.load(bytes);
  } catch (error) {
    return {
      unusable: `the grammar does not load: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  // Web-tree-sitter keeps the address of the TSLanguage under the key 0.
  const table = readParseTable(heap, (language as unknown as Readonly<Record<0, number>>)[0]);
  if ('unusable' in table) return table;
  const parser = new Parser();
  parser.setLanguage(language);
  return {
    table,
    buffer,
    lexer: new Lexer(heap, table),
    parse: (text, previous) => parsed(parser.parse(text, previous)),
    parseLogged(text, log) {
      let stop = false;
      parser.setLogger((message, isLexer) => {
        stop ||= !log(message, isLexer);
      });
      parser.parse(text, null, { progressCallback: () => stop })?.delete();
      parser.reset();
      parser.setLogger(null);
    },
  };
}

function parsed(tree: Tree | null): Tree {
  if (!tree)
    throw new Error('tree-sitter returned no tree for a parse that nothing cancels: reset its parser');
  return tree;
}

declare function atob(base64: string): string;
