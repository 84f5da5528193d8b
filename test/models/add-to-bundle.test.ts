/** A small file that is added to a bundle again: the bundle is whole at every step. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseBundle, type BundleDescription } from '../../language-server/inference/bundle.js';
import { addToBundle } from '../../models/exits/add-to-bundle.js';

const shipped = path.resolve(import.meta.dirname, '../../models/smollm2-135m');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'candor-add-'));
  copyFileSync(path.join(shipped, 'bundle.json'), path.join(folder, 'bundle.json'));
  copyFileSync(path.join(shipped, 'stop.json'), path.join(folder, 'stop.json'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const described = (): BundleDescription =>
  parseBundle(readFileSync(path.join(folder, 'bundle.json'), 'utf8'), 'bundle.json');

/** The stop file that the bundle names lies there as the bundle says. */
function stopFile(): string {
  const { stop, files } = described();
  const entry = files.find(({ file }) => file === stop?.file)!;
  const content = readFileSync(path.join(folder, entry.file));
  expect(createHash('sha256').update(content).digest('hex')).toBe(entry.sha256);
  expect(content.length).toBe(entry.bytes);
  return content.toString();
}

const add = (content: string) =>
  addToBundle(folder, 'stop.json', content, (old, file) => ({ ...old, stop: { file } }));

test('another file takes the place of the first under a name of its own, and the first goes', async () => {
  await add('{"one":1}');
  expect(stopFile()).toBe('{"one":1}');
  await add('{"two":2}');
  expect(stopFile()).toBe('{"two":2}');
  expect(readdirSync(folder).filter((name) => name.startsWith('stop'))).toEqual([described().stop!.file]);
  expect(described().files.filter(({ file }) => file.startsWith('stop'))).toHaveLength(1);
});

test('the new file never takes the name of one that the bundle still names', async () => {
  const { stop } = described();
  await add('{"one":1}');
  expect(described().stop).not.toEqual(stop);
});

test('a bundle whose description could not be written works as before', async () => {
  const before = stopFile();
  const broken = addToBundle(
    folder,
    'stop.json',
    '{}',
    () => ({ nothing: 1 }) as unknown as BundleDescription,
  );
  await expect(broken).rejects.toThrow();
  expect(stopFile()).toBe(before);
});
