/**
 * Ten thousand lines of published code in five languages, on which tokenizers are compared. As a command they are
 * written to a file, for test/models/tokenizer-ids.test.ts: `node --import tsx models/evaluate/code-lines.ts FILE`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGES, sourceFiles } from './code-passages.js';
import { fetchJavaPackages, fetchPackages } from './fetch-packages.js';

const LINES_A_LANGUAGE = 2000;

/** Lines that are not blank, from all files of a language alike; language after language. */
export function codeLines(): readonly string[] {
  const folders = fetchPackages();
  const files = folders.flatMap((root) => sourceFiles(root));
  const java = fetchJavaPackages().flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.java'))
      .sort()
      .map((name) => join(root, name)),
  );
  const ofLanguages = LANGUAGES.map((language) =>
    files.filter((file) => file.language === language).map(({ path }) => path),
  );
  return [...ofLanguages, java].flatMap((paths) => {
    const all = paths.flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== ''),
    );
    if (all.length < LINES_A_LANGUAGE)
      throw new Error(`There are ${all.length} lines where ${LINES_A_LANGUAGE} are wanted.`);
    const every = Math.floor(all.length / LINES_A_LANGUAGE);
    return all.filter((_, index) => index % every === 0).slice(0, LINES_A_LANGUAGE);
  });
}

const [program, file] = process.argv.slice(1);
if (program?.endsWith('code-lines.ts') && file !== undefined)
  writeFileSync(file, JSON.stringify(codeLines()));
