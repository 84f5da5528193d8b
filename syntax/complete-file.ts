/** Whether a whole text is an error-free file: the recogniser's answer to tree-sitter's `hasError`. */
import { start } from './parse-stack.js';
import { reach } from './reach.js';
import type { SyntaxLanguage } from './syntax-language.js';
import { append, emptyText } from './text-chain.js';

export function isCompleteFile(language: SyntaxLanguage, text: string): boolean {
  const chain = append(emptyText, text);
  language.grammar.buffer.show(chain, '');
  return reach(language.grammar, [start], Infinity, text.length).alive;
}
