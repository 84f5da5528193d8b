/** The source files of a folder that a calibration may ask about: written by people, not too large, not hidden. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SourceFile } from './calibration-places.js';

/** Folders of other people's code, and of what programs write. */
const SKIPPED = /^(node_modules|dist|out|build|target|vendor|venv|__pycache__|coverage)$|^\./;

/** Longer files are seldom written by hand. */
const MAX_FILE = 200_000;
const MOST_FILES = 5_000;

const languageIds: Readonly<Record<string, string>> = {
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.cts': 'typescript',
  '.tsx': 'typescriptreact',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.jsx': 'javascriptreact',
  '.py': 'python',
  '.go': 'go',
  '.java': 'java',
  '.rs': 'rust',
  '.cs': 'csharp',
  '.cpp': 'cpp',
  '.php': 'php',
  '.rb': 'ruby',
  '.sh': 'shellscript',
};

/** Files that cannot be read are left out. Links are not followed. */
export async function sourceFilesIn(folder: string): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  async function visit(where: string): Promise<void> {
    const entries = await readdir(where, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const full = path.join(where, entry.name);
      if (MOST_FILES <= files.length) return;
      if (entry.isDirectory() && !SKIPPED.test(entry.name)) await visit(full);
      const languageId = languageIds[path.extname(entry.name)];
      if (!entry.isFile() || languageId === undefined || /\.(min|d)\.[a-z]+$/.test(entry.name)) continue;
      const { size, mtimeMs } = await stat(full);
      if (MAX_FILE < size) continue;
      const text = await readFile(full, 'utf8').catch(() => undefined);
      if (text !== undefined && !text.includes('\0'))
        files.push({ path: full, languageId, text, changed: mtimeMs });
    }
  }
  await visit(path.resolve(folder));
  return files;
}
