/** A whole text as tree-sitter's tree, errors recovered: for questions about places, not about what may follow. */
import { Edit, type Tree } from './grammar-runtime.js';
import type { SyntaxLanguage } from './syntax-language.js';

/** The owner disposes of it: the tree lives in the WASM heap. */
export interface ParsedText extends Disposable {
  readonly language: SyntaxLanguage;
  readonly text: string;
  readonly tree: Tree;
}

export function parseText(language: SyntaxLanguage, text: string): ParsedText {
  return own(language, text, language.grammar.parse(text));
}

/** The text with `inserted` written at `offset`, parsed again only where that changes something. */
export function parseInserted(parsed: ParsedText, offset: number, inserted: string): ParsedText {
  const { language, text, tree } = parsed;
  const whole = text.slice(0, offset) + inserted + text.slice(offset);
  const edited = tree.copy();
  const startPosition = pointAt(text, offset);
  edited.edit(
    new Edit({
      startIndex: offset,
      oldEndIndex: offset,
      newEndIndex: offset + inserted.length,
      startPosition,
      oldEndPosition: startPosition,
      newEndPosition: pointAt(whole, offset + inserted.length),
    }),
  );
  const result = own(language, whole, language.grammar.parse(whole, edited));
  edited.delete();
  return result;
}

function own(language: SyntaxLanguage, text: string, tree: Tree): ParsedText {
  return {
    language,
    text,
    tree,
    [Symbol.dispose]() {
      tree.delete();
    },
  };
}

function pointAt(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); 0 <= at && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
