/** A grammar with what its language adds: everything that judging a text needs. */
import { isUsable, type Grammar, type GrammarRuntime, type UnusableGrammar } from './grammar-runtime.js';
import { witnessesFor, type Witnesses } from './witnesses.js';

export interface SyntaxLanguage {
  /** The grammar's name, as in grammars.json. */
  readonly name: string;
  readonly grammar: Grammar;
  readonly witnesses: Witnesses;
  /** Lexemes known to read alike whatever follows, by where and how they were lexed. Grows; bounded. */
  readonly closedLexemes: Map<string, boolean>;
}

/** Reads a grammar; `grammarWasm` are the bytes of its `.wasm`. */
export async function loadLanguage(
  runtime: GrammarRuntime,
  name: string,
  grammarWasm: Uint8Array,
): Promise<SyntaxLanguage | UnusableGrammar> {
  const grammar = await runtime.load(grammarWasm);
  if (!isUsable(grammar)) return grammar;
  return { name, grammar, witnesses: witnessesFor(name, grammar.table), closedLexemes: new Map() };
}
