/** Grammars for tests and benchmarks, from the installed packages. Each is loaded once a process. */
import { loadGrammar, packagedGrammars } from '../../language-server/constraints/load-grammar.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import packages from '../../syntax/grammars.json' with { type: 'json' };

const loaded = new Map<string, Promise<SyntaxLanguage>>();

export const grammarFiles = packagedGrammars(packages, import.meta.url);
export const grammarNames: readonly string[] = Object.keys(packages);

export function grammarOf(name: string): Promise<SyntaxLanguage> {
  const known = loaded.get(name) ?? load(name);
  loaded.set(name, known);
  return known;
}

async function load(name: string): Promise<SyntaxLanguage> {
  const language = await loadGrammar(grammarFiles, name);
  if ('unusable' in language) throw new Error(`${name}: ${language.unusable}`);
  return language;
}
