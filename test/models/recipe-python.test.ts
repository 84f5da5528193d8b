/** The recipe's Python tests, but those that need PyTorch: a download that only who trains has made. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const python = process.env.PYTHON ?? 'python3';

/** Need nothing but Python: prompts as the server sends them, what the corpus keeps. */
const alone = ['models.recipe.train.tests.test_prompts', 'models.recipe.corpus.tests.test_filters'];
/** Need the packages below as well. */
const others = ['models/recipe/corpus', 'models/recipe/ngrams', 'models/recipe/train/tests/test_spans.py'];
const small =
  /^(pytest|zstandard|datasketch|numpy|tree-sitter(-python|-javascript|-typescript|-go|-rust|-java|-c-sharp|-cpp)?)==/;
const packages = path.join(root, '.cache/recipe/test-packages');

const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(python, words, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
  });

/** Why tests are skipped: never on machines that exist for tests. */
function lack(): string {
  if (process.env.CI) return '';
  const found = run(['--version']);
  const version = found.error ? undefined : /Python 3\.(\d+)/.exec(found.stdout)?.[1];
  return version !== undefined && 11 <= Number(version) ? '' : ` (skipped: no ${python} from 3.11 on)`;
}
const noPython = lack();
const noPackages =
  noPython === '' && !existsSync(packages) && !process.env.CI
    ? ' (skipped: with CI=1, pip installs what they need into .cache/recipe/test-packages)'
    : noPython;

test.skipIf(noPython)(`those that need Python alone pass${noPython}`, () => {
  const { status, stderr } = run(['-m', 'unittest', ...alone]);
  expect(status, stderr).toBe(0);
  expect(Number(/^Ran (\d+) tests/m.exec(stderr)?.[1])).toBeGreaterThanOrEqual(9);
});

test.skipIf(noPackages)(
  `those that need small packages pass${noPackages}`,
  () => {
    installPackages();
    const quiet = ['-q', '-p', 'no:cacheprovider'];
    const { status, stdout, stderr } = run(['-m', 'pytest', ...quiet, ...others], { PYTHONPATH: packages });
    expect(status, stdout + stderr).toBe(0);
    expect(Number(/(\d+) passed/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(20);
  },
  600_000,
);

/** Once; a folder that is there is whole. */
function installPackages(): void {
  if (existsSync(packages)) return;
  const wanted = readFileSync(path.join(root, 'models/recipe/requirements-train.txt'), 'utf8')
    .split('\n')
    .filter((line) => small.test(line));
  const unfinished = `${packages}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--target', unfinished, ...wanted], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  renameSync(unfinished, packages);
}
