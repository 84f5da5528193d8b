/** Workspaces of the corpus: which folders are one, and whether they type-check with their dependencies. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { CorpusFile } from '../corpus.js';

const require = createRequire(import.meta.url);

export interface Workspace {
  /** Absolute. */
  readonly folder: string;
  readonly files: readonly CorpusFile[];
}

/** A check of a large project takes minutes; one that takes longer hangs. */
const CHECK_MS = 600_000;

/** The corpus folder itself, if it is a project; else each folder right below it. */
export function workspacesOf(corpus: string, files: readonly CorpusFile[]): readonly Workspace[] {
  if (isProject(corpus)) return [{ folder: corpus, files }];
  const groups = new Map<string, CorpusFile[]>();
  for (const file of files) groups.set(file.group, [...(groups.get(file.group) ?? []), file]);
  return [...groups].map(([group, ofGroup]) => ({ folder: path.join(corpus, group), files: ofGroup }));
}

function isProject(folder: string): boolean {
  return ['tsconfig.json', 'pyrightconfig.json', 'pyproject.toml'].some((name) =>
    existsSync(path.join(folder, name)),
  );
}

/** Why a workspace is refused: names that its own code gets wrong could be told from ours no more. */
export async function refusal({ folder, files }: Workspace): Promise<string | undefined> {
  const languages = new Set(files.map(({ language }) => language));
  const isTyped = languages.has('typescript') || languages.has('tsx');
  if (isTyped && !existsSync(path.join(folder, 'tsconfig.json'))) return 'it has no tsconfig.json';
  const checks = [
    ...(isTyped ? [checkTypeScript(folder)] : []),
    ...(languages.has('python') ? [checkPython(folder)] : []),
  ];
  const errors = (await Promise.all(checks)).flat();
  return errors.length === 0
    ? undefined
    : `it does not type-check, with ${errors.length} errors such as ${errors[0]!}`;
}

async function checkTypeScript(folder: string): Promise<readonly string[]> {
  const manifest = require.resolve(`@typescript/typescript-${process.platform}-${process.arch}/package.json`);
  const program = process.platform === 'win32' ? 'tsc.exe' : 'tsc';
  const output = await run(
    path.join(path.dirname(manifest), 'lib', program),
    ['--noEmit', '-p', '.'],
    folder,
  );
  return output.split('\n').filter((line) => / error TS\d+/.test(line));
}

async function checkPython(folder: string): Promise<readonly string[]> {
  const pyright = path.join(path.dirname(require.resolve('pyright/package.json')), 'index.js');
  const output = await run(process.execPath, [pyright, '-p', '.'], folder);
  return output.split('\n').filter((line) => line.includes(' - error: '));
}

/** What the program prints; its exit code says no more. */
function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout: CHECK_MS, maxBuffer: 1 << 28 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error && stdout === '') {
        reject(new Error(`The type checker failed in ${cwd}: ${error.message} ${stderr}`));
      } else resolve(stdout);
    });
  });
}
