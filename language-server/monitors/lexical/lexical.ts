/**
 * Lexical states: whether a place is code, comment or string, which lexemes stand before it, which brackets are open.
 *
 * It is a lexer, not a parser: the grammar constraint knows more, at a price that is too high for each candidate of
 * each monitor.
 */
import type { Bracket, Lexeme, OpenString } from './lexeme.js';
import type { LexicalRules } from './rules.js';
import { Scanner, type Inside } from './scanner.js';

/** A value. `after` is remembered, so that all monitors of a request together read a text once. */
export class Lexical {
  private readonly next = new Map<string, Lexical>();
  private seen: { readonly tail: Lexeme | undefined } | undefined;

  private constructor(private readonly scanner: Scanner) {}

  /** The state after a whole text. Costs about 50 ns a character. */
  static read(rules: LexicalRules, text: string): Lexical {
    const scanner = new Scanner(rules);
    scanner.feed(text);
    return new Lexical(scanner);
  }

  /** The state after some more text. */
  after(text: string): Lexical {
    if (text === '') return this;
    const known = this.next.get(text);
    if (known) return known;
    const state = this.further(text);
    this.next.set(text, state);
    return state;
  }

  /** Like `after`, but not remembered: for texts that are read once. */
  further(text: string): Lexical {
    const scanner = this.scanner.copy();
    scanner.feed(text);
    return new Lexical(scanner);
  }

  get inside(): Inside {
    return this.scanner.inside;
  }

  /** The innermost bracket that is open. */
  get open(): Bracket | undefined {
    return this.scanner.open;
  }

  /** The string that the place is in. */
  get string(): OpenString | undefined {
    return this.scanner.string;
  }

  /** The last lexeme before the place, even if it may still go on. */
  get tail(): Lexeme | undefined {
    return (this.seen ??= { tail: this.scanner.tail() }).tail;
  }

  /** Whether blanks or a comment stand between the last lexeme and the place. */
  get blank(): boolean {
    return this.scanner.partial === '' && (this.scanner.spaced || this.scanner.startsLine);
  }

  /** Characters read so far, from the beginning of the text. */
  get position(): number {
    return this.scanner.position;
  }

  /** Inside a string: its latest characters, at most three. */
  get recent(): string {
    return this.scanner.partial;
  }

  /** Whether the string that the place is in, or the next lexeme, is the first on its line. */
  get startsLine(): boolean {
    return this.scanner.startsLine;
  }

  /** The word that the place is in or right after; '' if none. */
  get word(): string {
    return this.inside === 'code' && this.scanner.kind === 'word' ? this.scanner.partial : '';
  }

  /** Closing brackets of text after the cursor, `)}`, for those that were opened before it. */
  static unopened(rules: LexicalRules, text: string): string {
    const scanner = new Scanner(rules);
    scanner.feed(text);
    return scanner.unopened;
  }
}
