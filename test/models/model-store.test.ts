/** The folder of the user's models, and conversions that are stopped, killed, or run out of disk. */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ConversionCancelled } from '../../models/convert/cancelled.js';
import { bundleBytes } from '../../models/convert/disk-space.js';
import { openGguf } from '../../models/convert/read-gguf.js';
import { addModel } from '../../models/manage/add-model.js';
import {
  folderName,
  listModels,
  modelsFolder,
  removeModel,
  resolveModel,
  unfinishedModels,
} from '../../models/manage/model-store.js';
import { randomGguf } from './random-gguf.js';

const root = mkdtempSync(path.join(tmpdir(), 'candor-store-'));
const file = path.join(root, 'model.gguf');
const shipped = path.resolve(import.meta.dirname, '../../models/smollm2-135m');
beforeAll(() => {
  writeFileSync(file, randomGguf({ family: 'llama', type: () => 'Q4_0', untied: true }));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
let stores = 0;
const newStore = (): string => path.join(root, `store-${stores++}`);

/** Names and hashes of all files of a bundle. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex'),
    ]),
  );
}

test('lies where each system keeps data of a user, or where the environment says', () => {
  expect(modelsFolder({ XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/candor/models');
  expect(modelsFolder({}, 'darwin')).toMatch(/Library\/Application Support\/candor\/models$/);
  expect(modelsFolder({ LOCALAPPDATA: '/local' }, 'win32')).toMatch(/local.candor.models$/);
  expect(modelsFolder({ CANDOR_MODELS: '/mine' }, 'linux')).toBe('/mine');
});

test.each([
  ['Qwen2.5 Coder 0.5B Instruct', 'qwen2.5-coder-0.5b-instruct'],
  ['../../etc/passwd', 'etc-passwd'],
  ['..', 'model-unnamed'],
  ['', 'model-unnamed'],
  ['default', 'model-default'],
  ['名前', 'model-unnamed'],
])('%j becomes the folder %s', (name, folder) => {
  expect(folderName(name)).toBe(folder);
});

test('what is added is listed, found by name, and removed; the one that ships stays', async () => {
  const store = newStore();
  const { name, report } = await addModel({ from: file, store, name: 'Mine' });
  expect(report.exactTensors).toBe(23);
  expect(report.requantisedTensors).toBe(0);
  expect((await listModels(store, shipped)).map((model) => model.name)).toEqual(['default', 'mine']);
  expect(await resolveModel('mine', store, shipped)).toBe(path.join(store, name));
  expect(await resolveModel('default', store, shipped)).toBe(shipped);
  await expect(resolveModel('other', store, shipped)).rejects.toThrow(/there are the models default, mine/);
  await expect(removeModel('default', store)).rejects.toThrow(/cannot be removed/);
  await removeModel('mine', store);
  await expect(removeModel('mine', store)).rejects.toThrow(/no model mine/);
  expect(readdirSync(store)).toEqual([]);
});

test('another model does not take the place of one unseen', async () => {
  const store = newStore();
  await addModel({ from: file, store, name: 'Mine' });
  const other = path.join(root, 'other.gguf');
  writeFileSync(other, randomGguf({ family: 'llama', type: () => 'Q4_0', seed: 2 }));
  await expect(addModel({ from: other, store, name: 'Mine' })).rejects.toThrow(/a model mine already/);
});

test('a damaged bundle is listed with the reason', async () => {
  const store = newStore();
  mkdirSync(path.join(store, 'broken'), { recursive: true });
  writeFileSync(path.join(store, 'broken/bundle.json'), '{');
  const [, broken] = await listModels(store, shipped);
  expect(broken!.bundle).toMatch(/not JSON/);
});

test('a conversion that was stopped goes on, and ends with the same files', async () => {
  const store = newStore();
  const whole = await addModel({ from: file, store: newStore() });
  const stop = new AbortController();
  const seen: string[] = [];
  const stopped = addModel({
    from: file,
    store,
    signal: stop.signal,
    onProgress: (share, what) => {
      seen.push(what);
      if (share > 0.5) stop.abort();
    },
  });
  await expect(stopped).rejects.toThrow(ConversionCancelled);
  expect(await unfinishedModels(store)).toEqual(['random-llama']);
  expect(await listModels(store, shipped)).toHaveLength(1);
  const again: string[] = [];
  const { folder } = await addModel({ from: file, store, onProgress: (_, what) => again.push(what) });
  expect(seen).toContain('embedding.bin');
  expect(again).not.toContain('embedding.bin');
  expect(contents(folder)).toEqual(contents(whole.folder));
  expect(await unfinishedModels(store)).toEqual([]);
});

test('a conversion of a file that has changed begins anew', async () => {
  const store = newStore();
  const changing = path.join(root, 'changing.gguf');
  writeFileSync(changing, randomGguf({ family: 'llama', type: () => 'Q4_0', seed: 3 }));
  const stop = new AbortController();
  const stopped = addModel({
    from: changing,
    store,
    signal: stop.signal,
    onProgress: (share) => {
      if (share > 0.5) stop.abort();
    },
  });
  await expect(stopped).rejects.toThrow(ConversionCancelled);
  writeFileSync(changing, randomGguf({ family: 'llama', type: () => 'Q4_0', seed: 4 }));
  const { folder } = await addModel({ from: changing, store });
  const fresh = await addModel({ from: changing, store: newStore() });
  expect(contents(folder)).toEqual(contents(fresh.folder));
});

test('a conversion that was killed leaves no model, and goes on', { timeout: 60_000 }, async () => {
  const store = newStore();
  const child = fork(path.join(import.meta.dirname, 'add-and-die.ts'), [file, store], {
    execArgv: ['--import', 'tsx'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(await listModels(store, shipped)).toHaveLength(1);
  expect(await unfinishedModels(store)).toEqual(['random-llama']);
  const { folder } = await addModel({ from: file, store });
  const whole = await addModel({ from: file, store: newStore() });
  expect(contents(folder)).toEqual(contents(whole.folder));
});

test('a disk without room is refused before anything is written; a disk that fills up leaves nothing', async () => {
  await using source = await openGguf(file);
  expect(bundleBytes(source, 'kept')).toBeGreaterThan(0);
  const promises = await import('node:fs/promises');
  vi.resetModules();
  vi.doMock('node:fs/promises', () => ({
    ...promises,
    statfs: () => Promise.resolve({ bavail: 1, bsize: 4096 }),
  }));
  const small = newStore();
  const { addModel: addToSmall } = await import('../../models/manage/add-model.js');
  await expect(addToSmall({ from: file, store: small })).rejects.toThrow(/takes about \d+ MB, but the disk/);
  expect(readdirSync(small)).toEqual([]);

  const sync = await import('node:fs');
  vi.resetModules();
  vi.doUnmock('node:fs/promises');
  let left = 100_000;
  vi.doMock('node:fs', () => ({
    ...sync,
    writeSync: (handle: number, bytes: Uint8Array, at?: number) => {
      left -= bytes.length;
      if (left < 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      return sync.writeSync(handle, bytes, at);
    },
  }));
  const full = newStore();
  const { addModel: addToFull } = await import('../../models/manage/add-model.js');
  await expect(addToFull({ from: file, store: full })).rejects.toThrow(
    /disk of .* is full.*has been removed/,
  );
  expect(readdirSync(full)).toEqual([]);
  vi.doUnmock('node:fs');
  vi.resetModules();
  expect(existsSync(file)).toBe(true);
});
