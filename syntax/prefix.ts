/**
 * A text read so far, as a value: extending it gives another, or nothing when no error-free file begins so.
 *
 * Generalised LR tables have the viable-prefix property: as long as a stack survives, some text completes the file.
 * What is left open is the last lexeme, which may still grow; witnesses decide about it. So acceptance always rests on
 * a concrete continuation, and refusal is certain wherever no lexing looked beyond the end.
 */
import { start, type Head } from './parse-stack.js';
import { reach } from './reach.js';
import { stillAlive } from './partial-lexeme.js';
import type { SyntaxLanguage } from './syntax-language.js';
import { append, emptyText, type TextChain } from './text-chain.js';

export interface Prefix {
  readonly language: SyntaxLanguage;
  readonly text: TextChain;
  /** The stacks at the last place that later text cannot change. */
  readonly heads: readonly Head[];
  /** How many errors of the text were stepped over to get here. */
  readonly repairs: number;
}

export function emptyPrefix(language: SyntaxLanguage): Prefix {
  return { language, text: emptyText, heads: [start], repairs: 0 };
}

/** The prefix with `piece` written after it; undefined when that can no longer become an error-free file. */
export function extend(prefix: Prefix, piece: string): Prefix | undefined {
  if (piece === '') return prefix;
  const { language } = prefix;
  const text = append(prefix.text, piece);
  language.grammar.buffer.show(text, '');
  const reached = reach(language.grammar, prefix.heads, text.length, text.length);
  if (!reached.alive && !(reached.open && stillAlive(language, text, reached))) return undefined;
  return { language, text, heads: reached.settled, repairs: prefix.repairs };
}
