/** Reading files of the workspace: bounded, and never outside it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { neighborsIn } from '../../language-server/completion/read-neighbors.js';

const base = mkdtempSync(path.join(tmpdir(), 'candor-neighbors-'));
const folder = path.join(base, 'workspace');
mkdirSync(path.join(folder, 'lib'), { recursive: true });
writeFileSync(path.join(folder, 'lib/a.ts'), 'export const a = 1;');
writeFileSync(path.join(base, 'secret.ts'), 'export const secret = 1;');
symlinkSync(path.join(base, 'secret.ts'), path.join(folder, 'link.ts'));
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

const neighbors = neighborsIn([folder], []);

test('reads a file of the workspace', async () => {
  expect(await neighbors.read(path.join(folder, 'lib/a.ts'), 1000)).toBe('export const a = 1;');
});

test.each([
  ['a file outside', path.join(base, 'secret.ts')],
  ['a path that leads outside', path.join(folder, '../secret.ts')],
  ['a link that leads outside', path.join(folder, 'link.ts')],
  ['a folder', path.join(folder, 'lib')],
  ['what does not exist', path.join(folder, 'lib/none.ts')],
])('does not read %s', async (_, file) => {
  expect(await neighbors.read(file, 1000)).toBeUndefined();
});

test('does not read a file that is too large', async () => {
  expect(await neighbors.read(path.join(folder, 'lib/a.ts'), 10)).toBeUndefined();
});
