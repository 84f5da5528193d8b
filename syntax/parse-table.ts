/**
 * A grammar's LR tables, read out of the heap where its `.wasm` put them.
 *
 * The layout is tree-sitter's `TSLanguage` (lib/src/parser.h) on wasm32. It depends on the ABI version, so any
 * version but those checked here is refused.
 */
import type { Heap } from './heap.js';
import type { UnusableGrammar } from './grammar-runtime.js';

export type Action =
  | { readonly kind: 'shift'; readonly state: number; readonly extra: boolean; readonly repetition: boolean }
  | { readonly kind: 'reduce'; readonly symbol: number; readonly children: number }
  | { readonly kind: 'accept' }
  | { readonly kind: 'recover' };

/** What one state does on one terminal. */
export interface Entry {
  /** Whether the token may be reused in another state without lexing again. */
  readonly reusable: boolean;
  readonly actions: readonly Action[];
}

export interface ParseTable {
  readonly abi: number;
  /** Terminals are the symbols below this; 0 is the end of the text. */
  readonly terminals: number;
  readonly states: number;
  readonly names: readonly string[];
  /** Visible and unnamed: a symbol spelled as its name. */
  readonly literal: readonly boolean[];
  readonly lexState: Uint16Array;
  readonly scannerState: Uint16Array;
  readonly reservedSet: Uint16Array;
  /** The terminal that keywords are first lexed as, or 0. */
  readonly word: number;
  readonly functions: LexFunctions;
  /** Cells of a state by symbol: an action for a terminal, the next state for the rest; 0 is nothing. */
  row(state: number): Uint16Array;
  entry(state: number, terminal: number): Entry | undefined;
  /** The state after a symbol, or 0. */
  next(state: number, symbol: number): number;
  isReserved(state: number, terminal: number): boolean;
}

/** Indices into the function table, and where the external scanner keeps its data. */
export interface LexFunctions {
  readonly lex: number;
  readonly keyword: number;
  readonly scanner: ScannerFunctions | undefined;
}

export interface ScannerFunctions {
  readonly tokens: number;
  /** Address of a boolean per scanner state and token. */
  readonly validTokens: number;
  readonly symbols: Uint16Array;
  readonly create: number;
  readonly scan: number;
  readonly serialize: number;
  readonly deserialize: number;
}

const OLDEST_ABI = 14;
const NEWEST_ABI = 15;

/** Byte offsets of the fields of `TSLanguage` on wasm32. */
const FIELD = {
  abi: 0,
  symbols: 4,
  terminals: 12,
  scannerTokens: 16,
  states: 20,
  largeStates: 24,
  largeTable: 40,
  smallTable: 44,
  smallTableMap: 48,
  actions: 52,
  names: 56,
  metadata: 72,
  lexModes: 88,
  lex: 92,
  keywordLex: 96,
  word: 100,
  scanner: 104,
  reservedWords: 140,
  longestReservedSet: 144,
} as const;

export function readParseTable(heap: Pick<Heap, 'module'>, address: number): ParseTable | UnusableGrammar {
  const { module } = heap;
  const memory = module.HEAPU8.buffer as ArrayBuffer;
  const view = new DataView(memory);
  const u32 = (field: number) => view.getUint32(address + field, true);
  const u16s = (at: number, count: number) => new Uint16Array(memory, at, count).slice();
  const abi = u32(FIELD.abi);
  if (abi < OLDEST_ABI || NEWEST_ABI < abi) {
    return { unusable: `the grammar has ABI ${abi}; ${OLDEST_ABI} to ${NEWEST_ABI} are understood` };
  }

  const symbols = u32(FIELD.symbols);
  const terminals = u32(FIELD.terminals);
  const states = u32(FIELD.states);
  const largeStates = u32(FIELD.largeStates);
  const largeTable = u16s(u32(FIELD.largeTable), largeStates * symbols);
  const smallTableMap = new Uint32Array(memory, u32(FIELD.smallTableMap), states - largeStates).slice();
  const smallTable = readSmallTable(memory, u32(FIELD.smallTable), smallTableMap);
  const modeFields = abi < 15 ? 2 : 3;
  const lexModes = u16s(u32(FIELD.lexModes), states * modeFields);
  const mode = (field: number) =>
    Uint16Array.from({ length: states }, (_, state) =>
      field < modeFields ? lexModes[state * modeFields + field]! : 0,
    );
  const reservedSet = mode(2);
  const reservedWords =
    abi < 15
      ? []
      : readReservedWords(
          view,
          u32(FIELD.reservedWords),
          view.getUint16(address + FIELD.longestReservedSet, true),
          reservedSet,
        );

  const rows: Uint16Array[] = [];
  const row = (state: number): Uint16Array => {
    const known = rows[state];
    if (known) return known;
    const made =
      state < largeStates
        ? largeTable.subarray(state * symbols, (state + 1) * symbols)
        : unpackSmallRow(smallTable, smallTableMap[state - largeStates]!, symbols);
    rows[state] = made;
    return made;
  };
  const entries: Entry[] = [];
  const actionsAt = u32(FIELD.actions);
  const entry = (state: number, terminal: number): Entry | undefined => {
    const index = row(state)[terminal]!;
    if (index === 0) return undefined;
    return (entries[index] ??= readEntry(new DataView(module.HEAPU8.buffer), actionsAt + index * 8));
  };

  return {
    abi,
    terminals,
    states,
    names: Array.from({ length: symbols }, (_, i) =>
      module.UTF8ToString(view.getUint32(u32(FIELD.names) + 4 * i, true)),
    ),
    literal: Array.from({ length: symbols }, (_, i) => {
      const at = u32(FIELD.metadata) + 3 * i;
      return view.getUint8(at) !== 0 && view.getUint8(at + 1) === 0;
    }),
    lexState: mode(0),
    scannerState: mode(1),
    reservedSet,
    word: view.getUint16(address + FIELD.word, true),
    functions: {
      lex: u32(FIELD.lex),
      keyword: u32(FIELD.keywordLex),
      scanner: readScanner(u32, u16s),
    },
    row,
    entry,
    next(state, symbol) {
      if (terminals <= symbol) return row(state)[symbol]!;
      const last = entry(state, symbol)?.actions.at(-1);
      if (last?.kind !== 'shift') return 0;
      return last.extra ? state : last.state;
    },
    isReserved: (state, terminal) => reservedWords[reservedSet[state]!]?.has(terminal) ?? false,
  };
}

function readScanner(
  u32: (field: number) => number,
  u16s: (at: number, count: number) => Uint16Array,
): ScannerFunctions | undefined {
  const tokens = u32(FIELD.scannerTokens);
  if (tokens === 0) return undefined;
  const part = (i: number) => u32(FIELD.scanner + 4 * i);
  return {
    tokens,
    validTokens: part(0),
    symbols: u16s(part(1), tokens),
    create: part(2),
    scan: part(4),
    serialize: part(5),
    deserialize: part(6),
  };
}

/** The table's own length is stored nowhere: it ends where its furthest row does. */
function readSmallTable(memory: ArrayBuffer, address: number, starts: Uint32Array): Uint16Array {
  const units = new Uint16Array(memory, address);
  let end = 0;
  for (const start of starts) {
    let at = start + 1;
    for (let group = units[start]!; 0 < group; group--) at += 2 + units[at + 1]!;
    if (end < at) end = at;
  }
  return units.slice(0, end);
}

/** A small row lists groups: a cell, how many symbols have it, those symbols. */
function unpackSmallRow(table: Uint16Array, start: number, symbols: number): Uint16Array {
  const cells = new Uint16Array(symbols);
  let at = start + 1;
  for (let group = table[start]!; 0 < group; group--) {
    const cell = table[at]!;
    const count = table[at + 1]!;
    for (let i = 0; i < count; i++) cells[table[at + 2 + i]!] = cell;
    at += 2 + count;
  }
  return cells;
}

/** An entry is a head {u8 count, u8 reusable} of eight bytes, then eight bytes an action. */
function readEntry(view: DataView, address: number): Entry {
  const actions = Array.from({ length: view.getUint8(address) }, (_, i) =>
    readAction(view, address + 8 * (i + 1)),
  );
  return { reusable: view.getUint8(address + 1) !== 0, actions };
}

function readAction(view: DataView, at: number): Action {
  switch (view.getUint8(at)) {
    case 0:
      return {
        kind: 'shift',
        state: view.getUint16(at + 2, true),
        extra: view.getUint8(at + 4) !== 0,
        repetition: view.getUint8(at + 5) !== 0,
      };
    case 1:
      return { kind: 'reduce', children: view.getUint8(at + 1), symbol: view.getUint16(at + 2, true) };
    case 2:
      return { kind: 'accept' };
    default:
      return { kind: 'recover' };
  }
}

function readReservedWords(
  view: DataView,
  address: number,
  longest: number,
  sets: Uint16Array,
): ReadonlySet<number>[] {
  const count = sets.reduce((most, set) => Math.max(most, set), 0) + 1;
  return Array.from({ length: address === 0 ? 0 : count }, (_, set) => {
    const words = new Set<number>();
    for (let i = 0; i < longest; i++) {
      const word = view.getUint16(address + 2 * (set * longest + i), true);
      if (word === 0) break;
      words.add(word);
    }
    return words;
  });
}
