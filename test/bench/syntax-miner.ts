/**
 * Finds witnesses that are missing: for a true beginning that was refused, the shortest part of its true continuation
 * that makes it alive.
 */
import { settle, reach } from '../../syntax/reach.js';
import { start } from '../../syntax/parse-stack.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { append, emptyText } from '../../syntax/text-chain.js';

/** How far the true continuation is followed. */
const LONGEST = 300;

/** Undefined when no beginning of the continuation helps. */
export function missingWitness(language: SyntaxLanguage, text: string, cut: number): string | undefined {
  const { grammar } = language;
  const chain = append(emptyText, text.slice(0, cut));
  grammar.buffer.show(chain, '');
  const { heads } = settle(grammar, [start], cut);
  const saves = (witness: string): boolean => {
    grammar.buffer.show(chain, witness);
    return reach(grammar, heads, cut, Infinity).alive;
  };
  for (let length = 1; length <= LONGEST && cut + length <= text.length; length++) {
    const whole = text.slice(cut, cut + length);
    if (!saves(whole)) continue;
    // What stands at the beginning may be mere content: the end alone closes the lexeme.
    for (let from = length - 1; 0 < from; from--) {
      const part = whole.slice(from);
      if (saves(part)) return part;
    }
    return whole;
  }
  return undefined;
}
