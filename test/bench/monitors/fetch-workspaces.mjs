// Makes the workspaces of the monitors benchmark: sources of published packages with their dependencies installed.
// Usage: node test/bench/monitors/fetch-workspaces.mjs; then npm run -s bench -- monitors --corpus .cache/corpus/workspaces
// With `--validation`: those that decisions are made by, none of which is reported on, into .cache/corpus/workspaces-validation.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const set = process.argv.includes('--validation') ? 'workspaces-validation' : 'workspaces';
const workspaces = path.resolve(here, '../../../.cache/corpus', set);
const packages = JSON.parse(await readFile(path.join(here, `${set}.json`), 'utf8'));
const quiet = (cwd) => ({ cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });

/** What each workspace is checked with; packages publish their sources without their own settings. */
const tsconfig = (folder) => ({
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom', 'dom.iterable'],
    jsx: 'react-jsx',
    experimentalDecorators: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  },
  include: [folder],
});

/** Rules about how classes override each other say nothing about names or arguments. */
const pyrightconfig = {
  extraPaths: ['.dependencies'],
  exclude: ['**/.dependencies'],
  reportIncompatibleMethodOverride: false,
  reportIncompatibleVariableOverride: false,
};

/** Without what a test or a declaration says about the sources. */
const isSource = (file) =>
  /\.(ts|tsx|mts|cts|py)$/.test(file) &&
  !/\.d\.[cm]?ts$|[._](test|spec|bench)\.[a-z]+$|(^|\/)(__tests__|tests?)\//.test(file);

async function copySources(from, target, folder) {
  await cp(path.join(from, folder), path.join(target, folder), {
    recursive: true,
    filter: async (file) => (await stat(file)).isDirectory() || isSource(file),
  });
}

async function fromNpm({ name, version, licence, folder, with: more = [] }, temporary, target) {
  execFileSync('npm', ['pack', '--silent', `${name}@${version}`], quiet(temporary));
  const [archive] = await readdir(temporary);
  execFileSync('tar', ['xzf', archive], quiet(temporary));
  const [inside] = (await readdir(temporary)).filter((entry) => entry !== archive);
  const from = path.join(temporary, inside);
  const manifest = JSON.parse(await readFile(path.join(from, 'package.json'), 'utf8'));
  if (manifest.license !== licence)
    throw new Error(`${name} declares the licence ${manifest.license}, not ${licence}.`);
  await copySources(from, target, folder);
  const dependencies = { ...manifest.dependencies, ...manifest.peerDependencies };
  const installed = { name: 'workspace', private: true, type: 'module', dependencies };
  await writeFile(path.join(target, 'package.json'), `${JSON.stringify(installed, null, 2)}\n`);
  await writeFile(path.join(target, 'tsconfig.json'), `${JSON.stringify(tsconfig(folder), null, 2)}\n`);
  const types = manifest.peerDependencies?.react ? ['@types/react@19'] : [];
  const wanted = ['@types/node@22.19.1', ...types, ...more];
  execFileSync(
    'npm',
    ['install', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted],
    quiet(target),
  );
}

async function fromPyPi({ name, version, folder }, temporary, target) {
  const python = process.env.PYTHON ?? 'python3';
  const pip = (...args) =>
    execFileSync(python, ['-m', 'pip', ...args, '--quiet', '--only-binary=:all:'], quiet(temporary));
  pip('download', '--no-deps', '--dest', '.', `${name}==${version}`);
  const [wheel] = await readdir(temporary);
  execFileSync(python, ['-m', 'zipfile', '-e', wheel, '.'], quiet(temporary));
  await copySources(temporary, target, folder);
  const dependencies = path.join(target, '.dependencies');
  pip('install', '--target', dependencies, `${name}==${version}`);
  // The package itself is what is being written.
  await rm(path.join(dependencies, folder), { recursive: true, force: true });
  await writeFile(path.join(target, 'pyrightconfig.json'), `${JSON.stringify(pyrightconfig, null, 2)}\n`);
}

for (const one of packages) {
  const target = path.join(workspaces, one.name.replace('/', '__'));
  const isThere = await stat(target).then(
    () => true,
    () => false,
  );
  if (isThere) continue;
  console.error(`${one.name} ${one.version} (${one.licence})`);
  const temporary = await mkdtemp(path.join(tmpdir(), 'workspace-'));
  try {
    await mkdir(target, { recursive: true });
    await (one.registry === 'npm' ? fromNpm : fromPyPi)(one, temporary, target);
  } catch (problem) {
    await rm(target, { recursive: true, force: true });
    throw problem;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
console.error(`The workspaces are in ${path.relative(process.cwd(), workspaces)}.`);
