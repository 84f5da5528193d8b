/**
 * Generalised LR parsing without error recovery: moves stacks over the text that the buffer shows.
 *
 * The rules for reusing a lexeme in another state and for keywords that may be plain words are tree-sitter's
 * (`ts_parser__can_reuse_first_leaf` and `ts_parser__advance` in lib/src/parser.c).
 */
import type { Grammar } from './grammar-runtime.js';
import { NO_LOOKAHEAD, type Lexeme } from './lexer.js';
import { add, below, mergeInto, push, type Head } from './parse-stack.js';
import type { Entry, ParseTable } from './parse-table.js';

/** What one run over one text has found out. Mutable, and as short-lived as the run. */
export class Run {
  /** The furthest that any lexing looked: beyond the end of the text means that later text could change the outcome. */
  looked = 0;
  /** Whether some stack has read the whole text as a complete file. */
  accepted = false;
  private cached: Lexeme | undefined;
  private cachedPosition = -1;
  private cachedScanner = -1;

  constructor(private readonly grammar: Grammar) {}

  /** Moves one head over its next lexeme; what becomes of it is added to `heads`. Nothing is, when it dies. */
  step(head: Head, heads: Head[]): void {
    const { table } = this.grammar;
    const { position, scanner } = head;
    let { node } = head;
    let lexeme: Lexeme | typeof NO_LOOKAHEAD | undefined = this.reusable(node.state, position, scanner);
    lexeme ??= this.lex(node.state, position, scanner);
    if (lexeme === undefined) return;
    let entry = this.entry(node.state, lexeme);

    for (;;) {
      let reduced = false;
      let last: Head | undefined;
      for (const action of entry?.actions ?? []) {
        if (action.kind === 'shift') {
          if (action.repetition) continue;
          // In an entry with both, the reduced stack must outlive the shift.
          if (last) add(heads, last);
          if (lexeme === NO_LOOKAHEAD) return;
          const { end, scanner: after } = lexeme;
          add(
            heads,
            action.extra ? { node, position: end, scanner: after } : push(node, action.state, end, after),
          );
          return;
        }
        if (action.kind === 'accept') {
          this.accepted = true;
          return;
        }
        if (action.kind === 'recover') return;
        reduced = true;
        let first: Head | undefined;
        for (const base of below(node, action.children)) {
          const state = table.next(base.state, action.symbol);
          const endsExtra = lexeme === NO_LOOKAHEAD && state === base.state;
          const reducedHead = endsExtra
            ? { node: base, position, scanner }
            : push(base, state, position, scanner);
          if (first) add(heads, reducedHead);
          else if (!mergeInto(heads, reducedHead)) first = reducedHead;
        }
        if (first) {
          if (last) add(heads, last);
          last = first;
        }
      }
      if (last) {
        ({ node } = last);
        if (lexeme === NO_LOOKAHEAD) {
          lexeme = this.lex(node.state, position, scanner);
          if (lexeme === undefined) return;
        }
        entry = this.entry(node.state, lexeme);
        continue;
      }
      if (reduced || lexeme === NO_LOOKAHEAD || !isWord(lexeme, table, node.state)) return;
      lexeme = { ...lexeme, terminal: table.word };
      entry = this.entry(node.state, lexeme);
      if (!entry?.actions.length) return;
    }
  }

  private entry(state: number, lexeme: Lexeme | typeof NO_LOOKAHEAD): Entry | undefined {
    return this.grammar.table.entry(state, lexeme === NO_LOOKAHEAD ? 0 : lexeme.terminal);
  }

  private lex(state: number, position: number, scanner: number): Lexeme | typeof NO_LOOKAHEAD | undefined {
    const { lexer } = this.grammar;
    const lexeme = lexer.lex(state, position, scanner);
    if (lexeme === NO_LOOKAHEAD) return lexeme;
    const looked = lexeme?.looked ?? lexer.lookedInVain;
    if (this.looked < looked) this.looked = looked;
    if (lexeme) {
      this.cached = lexeme;
      this.cachedPosition = position;
      this.cachedScanner = scanner;
    }
    return lexeme;
  }

  /** The last lexeme, when another state at the same place would lex it alike. */
  private reusable(state: number, position: number, scanner: number): Lexeme | undefined {
    const { cached } = this;
    if (!cached || this.cachedPosition !== position || this.cachedScanner !== scanner) return undefined;
    const { table } = this.grammar;
    const { lexState, scannerState, reservedSet } = table;
    if (lexState[state] === NO_LOOKAHEAD) return undefined;
    const entry = table.entry(state, cached.terminal);
    const sameMode =
      lexState[state] === lexState[cached.state] &&
      scannerState[state] === scannerState[cached.state] &&
      reservedSet[state] === reservedSet[cached.state];
    const sameWord = cached.terminal !== table.word || (!cached.keyword && cached.state === state);
    if (entry?.actions.length && sameMode && sameWord) return cached;
    if (cached.end === cached.start && cached.terminal !== 0) return undefined;
    return scannerState[state] === 0 && entry?.reusable ? cached : undefined;
  }
}

/** Whether a keyword that means nothing here may be read as a plain word. */
function isWord(lexeme: Lexeme, table: ParseTable, state: number): boolean {
  return lexeme.keyword && lexeme.terminal !== table.word && !table.isReserved(state, lexeme.terminal);
}

/** The head that is furthest behind: it must move first so that equal stacks meet. */
export function lastInLine(heads: readonly Head[]): number {
  let slowest = 0;
  for (let i = 1; i < heads.length; i++) {
    if (heads[i]!.position < heads[slowest]!.position) slowest = i;
  }
  return slowest;
}
