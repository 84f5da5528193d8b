/** Grammars by the language ids of editors, loaded when first needed. */
import { grammarsIn, loadGrammar } from '../constraints/load-grammar.js';
import { languages } from '../../syntax/languages.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';

/** The grammar of a language; or why there is none, in words. */
export type Grammars = (languageId: string) => Promise<SyntaxLanguage | { readonly unusable: string }>;

/** No grammars: languages are told apart by indentation alone. */
export const noGrammars: Grammars = () => Promise.resolve({ unusable: 'no grammars are loaded' });

/** Grammars of a folder. Loads each at most once. */
export function grammarsOf(folder: string): Grammars {
  const files = grammarsIn(folder);
  const loaded = new Map<string, ReturnType<typeof loadGrammar>>();
  return (languageId) => {
    const row = languages[languageId];
    if (!row) return Promise.resolve({ unusable: `there is no grammar for ${languageId}` });
    const grammar = loaded.get(row.grammar) ?? loadGrammar(files, row.grammar);
    loaded.set(row.grammar, grammar);
    return grammar;
  };
}
