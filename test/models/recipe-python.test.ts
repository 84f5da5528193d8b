/** The recipe's Python tests that need nothing but Python: prompts as the server sends them, what the corpus keeps. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** By module. All others need what models/recipe/requirements-train.txt names: `python -m pytest models/recipe`. */
const modules = ['models.recipe.train.tests.test_prompts', 'models.recipe.corpus.tests.test_filters'];

const python = (...words: readonly string[]) =>
  spawnSync('python3', words, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
const found = python('--version');
const version = found.error ? undefined : /Python 3\.(\d+)/.exec(found.stdout)?.[1];
const lacks =
  version === undefined ? 'no python3' : Number(version) < 11 ? `Python 3.${version} is too old` : undefined;

test.skipIf(lacks)(`pass${lacks === undefined ? '' : ` (${lacks})`}`, () => {
  const { status, stderr } = python('-m', 'unittest', ...modules);
  expect(status, stderr).toBe(0);
  expect(Number(/^Ran (\d+) tests/m.exec(stderr)?.[1])).toBeGreaterThanOrEqual(9);
});
