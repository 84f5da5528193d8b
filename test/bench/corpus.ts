/** Reads any folder of source files as a corpus: which files count, in which language, in which order. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { randomFor, shuffled } from './random.js';

export interface CorpusFile {
  /** Path below the corpus folder, with forward slashes. */
  readonly path: string;
  readonly absolutePath: string;
  /** The prefix of its figures, which is the name of its grammar: `typescript`, `tsx`, … */
  readonly language: string;
  /** The id editors use: `typescriptreact` for TSX. */
  readonly languageId: string;
  readonly text: string;
  /** The first folder below the corpus: files of one package are not independent. */
  readonly group: string;
}

/** Extension to language and editor id. */
const languages: Readonly<Record<string, readonly [language: string, languageId: string]>> = {
  '.ts': ['typescript', 'typescript'],
  '.mts': ['typescript', 'typescript'],
  '.cts': ['typescript', 'typescript'],
  '.tsx': ['tsx', 'typescriptreact'],
  '.js': ['javascript', 'javascript'],
  '.mjs': ['javascript', 'javascript'],
  '.cjs': ['javascript', 'javascript'],
  '.jsx': ['javascript', 'javascriptreact'],
  '.py': ['python', 'python'],
  '.json': ['json', 'json'],
  '.go': ['go', 'go'],
  '.java': ['java', 'java'],
  '.rs': ['rust', 'rust'],
  '.cs': ['csharp', 'csharp'],
  '.cpp': ['cpp', 'cpp'],
  '.cc': ['cpp', 'cpp'],
  '.hpp': ['cpp', 'cpp'],
  '.php': ['php', 'php'],
  '.rb': ['ruby', 'ruby'],
  '.sh': ['bash', 'shellscript'],
  '.css': ['css', 'css'],
  '.ps1': ['powershell', 'powershell'],
};

/** Folders that hold other people's or machine-made files. */
const skippedFolders = new Set([
  'node_modules',
  'vendor',
  'third_party',
  'bower_components',
  '__pycache__',
  'site-packages',
]);

/** Smaller files say little about completion; larger ones are mostly tables that a program wrote. */
const smallestBytes = 200;
const largestBytes = 300_000;
/** Minified and generated files have lines that nobody types. */
const longestLine = 1_000;
const longestMeanLine = 160;

/**
 * All files under `folder` that a person could have typed, in an order fixed by `seed` alone.
 * Rejects with a sentence when the folder cannot be read or holds no such file.
 */
export async function readCorpus(folder: string, seed: number): Promise<readonly CorpusFile[]> {
  const root = path.resolve(folder);
  const isFolder = await stat(root).then(
    (it) => it.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new Error(`The corpus folder ${folder} does not exist.`);
  const files: CorpusFile[] = [];
  for (const below of await sourcePaths(root)) {
    const file = await corpusFile(root, below);
    if (file) files.push(file);
  }
  if (files.length === 0) throw new Error(`The corpus folder ${folder} holds no source file that counts.`);
  return shuffled(files, randomFor(seed, 'corpus'));
}

/** The languages of the files, the most frequent first. */
export function languagesOf(files: readonly CorpusFile[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { language } of files) counts.set(language, (counts.get(language) ?? 0) + 1);
  return [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1));
}

/** Editor ids and figure prefixes of one file name, or undefined for a kind of file that is not code. */
export function languageOfPath(
  name: string,
): { readonly language: string; readonly languageId: string } | undefined {
  const known = languages[path.extname(name).toLowerCase()];
  return known && { language: known[0], languageId: known[1] };
}

async function sourcePaths(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  async function walk(below: string): Promise<void> {
    for (const entry of await readdir(path.join(root, below), { withFileTypes: true })) {
      const here = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && !skippedFolders.has(entry.name) && !entry.name.startsWith('.')) {
        await walk(here);
      } else if (
        entry.isFile() &&
        languageOfPath(entry.name) &&
        !/\.(d\.[cm]?ts|min\.[a-z]+)$/.test(entry.name)
      ) {
        found.push(here);
      }
    }
  }
  await walk('');
  return found.sort();
}

async function corpusFile(root: string, below: string): Promise<CorpusFile | undefined> {
  const absolutePath = path.join(root, below);
  const { size } = await stat(absolutePath);
  if (size < smallestBytes || size > largestBytes) return undefined;
  const bytes = await readFile(absolutePath);
  if (bytes.includes(0)) return undefined;
  const text = decodeText(bytes);
  if (text === undefined || !looksTyped(text)) return undefined;
  const known = languageOfPath(below)!;
  const slash = below.indexOf('/');
  return { path: below, absolutePath, ...known, text, group: slash < 0 ? below : below.slice(0, slash) };
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function looksTyped(text: string): boolean {
  const lines = text.split('\n');
  return text.length / lines.length <= longestMeanLine && lines.every((line) => line.length <= longestLine);
}
