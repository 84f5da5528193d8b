/** Reads grammars from disk for `syntax/`, which knows no files. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { startGrammarRuntime, type UnusableGrammar } from '../../syntax/grammar-runtime.js';
import { loadLanguage, type SyntaxLanguage } from '../../syntax/syntax-language.js';

/** Where the build puts grammars: `NAME.wasm`, and `web-tree-sitter.wasm` beside them. */
export interface GrammarFiles {
  readonly runtime: string;
  readonly grammar: (name: string) => string;
}

export function grammarsIn(folder: string): GrammarFiles {
  return {
    runtime: path.join(folder, 'web-tree-sitter.wasm'),
    grammar: (name) => path.join(folder, `${name}.wasm`),
  };
}

/** The grammars of the installed packages, for tests and tools that run from the sources. */
export function packagedGrammars(packages: Readonly<Record<string, string>>, from: string): GrammarFiles {
  const { resolve } = createRequire(from);
  return {
    runtime: resolve('web-tree-sitter/web-tree-sitter.wasm'),
    grammar(name) {
      const file = packages[name];
      if (file === undefined)
        throw new Error(`no package is known for the grammar ${name}: add it to syntax/grammars.json`);
      return resolve(file);
    },
  };
}

/**
 * Loads a grammar by its name. A grammar file that is missing or broken is an answer; a missing web-tree-sitter is a
 * broken installation and throws.
 */
export async function loadGrammar(
  files: GrammarFiles,
  name: string,
): Promise<SyntaxLanguage | UnusableGrammar> {
  const runtime = await startGrammarRuntime(await readFile(files.runtime));
  const file = files.grammar(name);
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes) return { unusable: `there is no grammar at ${file}` };
  return loadLanguage(runtime, name, bytes);
}
