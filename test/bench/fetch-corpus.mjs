// Makes the corpus of the reference results: source files of published packages, at fixed versions, by split.
// Usage: node test/bench/fetch-corpus.mjs [test|validation|train|calibration …]; without arguments only `test`.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const corpus = path.resolve(here, '../../.cache/corpus');
const recipe = path.resolve(here, '../../models/recipe/corpus/packages.tsv');
const packages = [
  ...JSON.parse(await readFile(path.join(here, 'corpus-packages.json'), 'utf8')),
  // What a model is calibrated on comes from the recipe's list, which keeps it apart from all that judges.
  ...(await readFile(recipe, 'utf8')).split('\n').flatMap((row) => {
    const [registry, name, version, licence, split, folder] = row.split('\t');
    return split === 'calibration' ? [{ split, registry, name, version, licence, folder }] : [];
  }),
];
const splits = process.argv.length > 2 ? process.argv.slice(2) : ['test'];
const source = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs|py)$/;

const known = new Set(packages.map((one) => one.split));
const wrong = splits.filter((split) => !known.has(split));
if (wrong.length > 0) {
  console.error(`There is no split ${wrong.join(', ')}; there are ${[...known].join(', ')}.`);
  process.exit(2);
}

/** Unpacks the published archive of one package into `folder` and returns the folder that holds its files. */
async function unpack({ registry, name, version }, folder) {
  const quiet = { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] };
  if (registry === 'npm') {
    execFileSync('npm', ['pack', '--silent', `${name}@${version}`], quiet);
    const [archive] = await readdir(folder);
    execFileSync('tar', ['xzf', archive], quiet);
    const [inside] = (await readdir(folder)).filter((entry) => entry !== archive);
    return path.join(folder, inside);
  }
  const python = process.env.PYTHON ?? 'python3';
  const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--dest', '.'];
  execFileSync(python, ['-m', 'pip', 'download', ...options, `${name}==${version}`], quiet);
  const [wheel] = await readdir(folder);
  execFileSync(python, ['-m', 'zipfile', '-e', wheel, '.'], quiet);
  return folder;
}

/** npm names its licence in package.json; a changed one must be looked at by a person. */
async function checkLicence({ registry, name, licence }, folder) {
  if (registry !== 'npm') return;
  const declared = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')).license;
  if (declared !== licence) throw new Error(`${name} declares the licence ${declared}, not ${licence}.`);
}

for (const one of packages.filter(({ split }) => splits.includes(split))) {
  const target = path.join(corpus, one.split, one.name.replace('/', '__'));
  if (
    await stat(target).then(
      () => true,
      () => false,
    )
  )
    continue;
  console.error(`${one.split}: ${one.name} ${one.version} (${one.licence})`);
  const temporary = await mkdtemp(path.join(tmpdir(), 'corpus-'));
  try {
    const folder = await unpack(one, temporary);
    await checkLicence(one, folder);
    const from = path.join(folder, one.folder);
    await mkdir(target, { recursive: true });
    await cp(from, target, {
      recursive: true,
      filter: async (file) => (await stat(file)).isDirectory() || source.test(file),
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
console.error(`The corpus is in ${path.relative(process.cwd(), corpus) || '.'}/{${splits.join(',')}}.`);
