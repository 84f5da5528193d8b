/**
 * One lexeme at a time, by the grammar's own compiled lexer, keyword lexer and external scanner.
 *
 * Follows `ts_parser__lex` of tree-sitter (lib/src/parser.c) without its error recovery. Reads the text that the
 * grammar runtime's buffer shows.
 */
import type { Heap } from './heap.js';
import type { ParseTable } from './parse-table.js';

export interface Lexeme {
  readonly terminal: number;
  /** After leading blanks. */
  readonly start: number;
  readonly end: number;
  /** The scanner's state after it, interned. */
  readonly scanner: number;
  /** Whether the keyword lexer knew it. */
  readonly keyword: boolean;
  /** The parse state it was lexed for. */
  readonly state: number;
  /** Units that decided it: one past the furthest position looked at, the end of the text counting as a position. */
  readonly looked: number;
}

/** This state takes no lookahead: it reduces whatever follows. */
export const NO_LOOKAHEAD = 0xffff;

/** Offsets into the lexer record; lexer-callbacks.wat describes it. */
const RESULT = 4;
const POSITION = 32;
const TOKEN_START = 40;
const TOKEN_END = 44;
const FURTHEST = 48;

type LexFunction = (record: number, state: number) => number;

export class Lexer {
  /** How far a lexing that found nothing looked. */
  lookedInVain = 0;
  private readonly lexFunction: LexFunction;
  private readonly keywordFunction: LexFunction | undefined;
  private readonly scanner: Scanner | undefined;

  constructor(
    private readonly heap: Heap,
    private readonly table: ParseTable,
  ) {
    const { lex, keyword } = table.functions;
    this.lexFunction = heap.functions.get(lex) as LexFunction;
    this.keywordFunction = keyword === 0 ? undefined : (heap.functions.get(keyword) as LexFunction);
    this.scanner = table.functions.scanner && new Scanner(heap, table);
  }

  /** The lexeme at `position`, `NO_LOOKAHEAD`, or nothing when no terminal begins there. */
  lex(state: number, position: number, scanner: number): Lexeme | typeof NO_LOOKAHEAD | undefined {
    const { table, heap } = this;
    const record = heap.lexerRecord;
    const word = record >> 2;
    if (table.lexState[state] === NO_LOOKAHEAD) return NO_LOOKAHEAD;
    heap.module.HEAP32[word + (FURTHEST >> 2)] = -1;
    // State 0 is tree-sitter's error mode: it lexes any terminal, and is tried once when the state's own mode fails.
    for (let mode = state, errorMode = false; ; mode = 0, errorMode = true) {
      const scannerState = table.scannerState[mode]!;
      if (scannerState !== 0) {
        const found = this.scanner!.scan(state, position, scanner, scannerState, errorMode);
        if (found) return found;
      }
      heap.startToken(record, position);
      heap.module.HEAPU16[(record + RESULT) >> 1] = 0;
      if (this.lexFunction(record, table.lexState[mode]!)) return this.lexeme(state, scanner);
      if (errorMode) {
        this.lookedInVain = heap.module.HEAP32[word + (FURTHEST >> 2)]! + 1;
        return undefined;
      }
    }
  }

  private lexeme(state: number, scanner: number): Lexeme {
    const { table, heap } = this;
    const record = heap.lexerRecord;
    const { start, end } = bounds(heap);
    let terminal = heap.module.HEAPU16[(record + RESULT) >> 1]!;
    let keyword = false;
    if (terminal === table.word && terminal !== 0 && this.keywordFunction) {
      heap.startToken(record, start);
      heap.module.HEAPU16[(record + RESULT) >> 1] = 0;
      if (this.keywordFunction(record, 0)) {
        keyword = true;
        const candidate = heap.module.HEAPU16[(record + RESULT) >> 1]!;
        const known = table.row(state)[candidate] !== 0 || table.isReserved(state, candidate);
        if (bounds(heap).end === end && known) terminal = candidate;
      }
    }
    const looked = heap.module.HEAP32[(record + FURTHEST) >> 2]! + 1;
    return { terminal, start, end, scanner, keyword, state, looked };
  }
}

/** The external scanner: C code with a state that we save and restore around every call. */
class Scanner {
  private readonly payload: number;
  private readonly scanFunction: (payload: number, record: number, validTokens: number) => number;
  private readonly serialize: (payload: number, buffer: number) => number;
  private readonly deserialize: (payload: number, buffer: number, length: number) => void;
  private readonly states: Uint8Array[];
  private readonly ids = new Map<string, number>([['', 0]]);

  constructor(
    private readonly heap: Heap,
    private readonly table: ParseTable,
  ) {
    const { create, scan, serialize, deserialize } = table.functions.scanner!;
    const { functions } = heap;
    this.payload = create === 0 ? 0 : (functions.get(create) as () => number)();
    this.scanFunction = functions.get(scan) as Scanner['scanFunction'];
    this.serialize = functions.get(serialize) as Scanner['serialize'];
    this.deserialize = functions.get(deserialize) as Scanner['deserialize'];
    // Scanners need not reset themselves for an empty state, since tree-sitter makes a new one for each parse
    // (Python's keeps "inside an f-string"). We keep one, so the first state is what a new scanner saves.
    const length = this.serialize(this.payload, heap.scannerBuffer);
    this.states = [heap.module.HEAPU8.slice(heap.scannerBuffer, heap.scannerBuffer + length)];
  }

  scan(state: number, position: number, scanner: number, scannerState: number, errorMode: boolean) {
    const { heap, table } = this;
    const { tokens, validTokens, symbols } = table.functions.scanner!;
    const record = heap.lexerRecord;
    heap.startToken(record, position);
    const saved = this.states[scanner]!;
    heap.module.HEAPU8.set(saved, heap.scannerBuffer);
    this.deserialize(this.payload, saved.length === 0 ? 0 : heap.scannerBuffer, saved.length);
    heap.module.HEAPU16[(record + RESULT) >> 1] = 0;
    if (!this.scanFunction(this.payload, record, validTokens + scannerState * tokens)) return undefined;

    const { start, end } = bounds(heap);
    const after = this.intern(this.serialize(this.payload, heap.scannerBuffer));
    const terminal = symbols[heap.module.HEAPU16[(record + RESULT) >> 1]!]!;
    // An empty token that changes nothing would be found for ever.
    if (end <= position && after === scanner && (errorMode || table.next(state, terminal) === state))
      return undefined;
    const looked = heap.module.HEAP32[(record + FURTHEST) >> 2]! + 1;
    return { terminal, start, end, scanner: after, keyword: false, state, looked } satisfies Lexeme;
  }

  private intern(length: number): number {
    const { HEAPU8 } = this.heap.module;
    const { scannerBuffer } = this.heap;
    let key = '';
    for (let i = 0; i < length; i++) key += String.fromCharCode(HEAPU8[scannerBuffer + i]!);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.states.length;
    this.ids.set(key, id);
    this.states.push(HEAPU8.slice(scannerBuffer, scannerBuffer + length));
    return id;
  }
}

function bounds(heap: Heap): { start: number; end: number } {
  const words = heap.module.HEAP32;
  const word = heap.lexerRecord >> 2;
  const marked = words[word + (TOKEN_END >> 2)]!;
  const end = marked < 0 ? words[word + (POSITION >> 2)]! : marked;
  return { start: Math.min(words[word + (TOKEN_START >> 2)]!, end), end };
}
