/** Places in files as people and scripts write them: FILE:LINE:COLUMN, or JSON with the same and more. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { WrongArguments } from './wrong-arguments.js';

/** Lines and columns count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Language id; undefined: by the file's name. */
  readonly language?: string | undefined;
  /** The text to use instead of what is on disk. */
  readonly text?: string | undefined;
}

const placeSchema = z.strictObject({
  file: z.string().min(1),
  line: z.int().min(1),
  column: z.int().min(1),
  language: z.string().optional(),
  text: z.string().optional(),
});

/** @throws WrongArguments when it is not FILE:LINE:COLUMN. */
export function parsePlace(text: string): Place {
  const match = /^(.+):(\d+):(\d+)$/s.exec(text);
  const [, file, line, column] = match ?? [];
  if (file === undefined || Number(line) < 1 || Number(column) < 1) {
    throw new WrongArguments(`${JSON.stringify(text)} is not FILE:LINE:COLUMN, both counted from 1.`);
  }
  return { file, line: Number(line), column: Number(column) };
}

/** A line of `--stdin`: either form. */
export function parsePlaceLine(line: string): Place {
  if (!line.startsWith('{')) return parsePlace(line);
  const checked = placeSchema.safeParse(parseJson(line));
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0]!;
  throw new WrongArguments(`The place is wrong: ${issue.path.join('.') || 'the whole'}: ${issue.message}.`);
}

/** The text of the place's file, from the place itself or from disk. @throws WrongArguments when it cannot be read. */
export async function textOf(place: Place): Promise<string> {
  if (place.text !== undefined) return place.text;
  try {
    const text = await readFile(path.resolve(place.file), 'utf8');
    // Editors do not count a byte order mark as text either.
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  } catch (problem) {
    const code = problem instanceof Error && 'code' in problem ? String(problem.code) : '';
    const why =
      code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new WrongArguments(`The file ${place.file} ${why}.`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongArguments('The line begins like JSON but is not JSON.');
  }
}

/** Extension to the language id editors use; what is missing is `plaintext`. */
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
  '.pyi': 'python',
  '.json': 'json',
  '.go': 'go',
  '.java': 'java',
  '.rs': 'rust',
  '.cs': 'csharp',
  '.cpp': 'cpp',
  '.cc': 'cpp',
  '.hpp': 'cpp',
  '.php': 'php',
  '.rb': 'ruby',
  '.sh': 'shellscript',
  '.css': 'css',
  '.ps1': 'powershell',
  '.md': 'markdown',
};

export function languageIdOf(file: string): string {
  return languageIds[path.extname(file).toLowerCase()] ?? 'plaintext';
}
