/** The grammar of a language outside the worker: for trees of suggestions, which are drawn where they are shown. */
import { grammarsIn, loadGrammar } from '../constraints/load-grammar.js';
import type { UnusableGrammar } from '../../syntax/grammar-runtime.js';
import { languages } from '../../syntax/languages.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';

/** By language id, each loaded once; `folder` is where the build puts grammars. */
export function grammarsFrom(
  folder: string,
): (languageId: string) => Promise<SyntaxLanguage | UnusableGrammar> {
  const loaded = new Map<string, Promise<SyntaxLanguage | UnusableGrammar>>();
  return (languageId) => {
    const name = languages[languageId]?.grammar;
    if (name === undefined) return Promise.resolve({ unusable: `there is no grammar for ${languageId}` });
    const known = loaded.get(name) ?? loadGrammar(grammarsIn(folder), name);
    loaded.set(name, known);
    return known;
  };
}
