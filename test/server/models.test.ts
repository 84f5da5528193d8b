/** The built server keeps models: adds one, completes with it, stops and goes on, corrects and removes it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultSettings } from '../../language-server/default-settings.js';
import type { ModelAdded, ModelList } from '../../language-server/protocol.js';
import { randomGguf } from '../models/random-gguf.js';
import { buildForTests, type Built } from '../support/build.js';
import { connectTo, type TestClient } from '../support/language-client.js';

const folder = mkdtempSync(path.join(tmpdir(), 'candor-models-'));
const store = path.join(folder, 'store');
const file = path.join(folder, 'random.gguf');
const workspace = pathToFileURL(path.resolve(import.meta.dirname, '../../models/convert')).href;
const bundle = path.resolve(import.meta.dirname, '../../models/smollm2-135m');

let built: Built;
let client: TestClient;
const options = { settings: defaultSettings, trusted: true, defaultBundle: bundle, grammars: folder };
beforeAll(async () => {
  process.env.CANDOR_MODELS = store;
  built = await buildForTests({
    server: 'language-server/main.ts',
    worker: 'language-server/worker.ts',
    models: 'models/manage/main.ts',
  });
  writeFileSync(
    file,
    randomGguf({
      family: 'qwen2',
      type: () => 'Q8_0',
      shape: { layers: 4, hidden: 512, heads: 8, feedForward: 2048 },
    }),
  );
  client = await connectTo(built.file('server'), { initializationOptions: options, folders: [workspace] });
}, 120_000);
afterAll(async () => {
  const code = await client.stop();
  built.remove();
  rmSync(folder, { recursive: true, force: true });
  expect(code).toBe(0);
});

const list = (): Promise<ModelList> => client.connection.sendRequest('candor/models');

test('lists the model that ships where its speed cannot be kept', async () => {
  const speeds = path.join(store, '.speeds.json');
  mkdirSync(speeds, { recursive: true });
  const { models } = await list();
  rmSync(speeds, { recursive: true });
  expect(models[0]!.details).toMatch(/1\d\d\.\d MB.*speed not measured/);
});

test('lists the model that ships, with size, format, speed, licence and exits', async () => {
  const { models, unfinished } = await list();
  expect(models.map(({ name }) => name)).toEqual(['default']);
  expect(models[0]!.details).toMatch(/1\d\d\.\d MB.*q4-folded.*[\d.]+ ms a token here.*Apache-2\.0.*exits/);
  expect(unfinished).toEqual([]);
});

test('stops when cancelled, says that it can go on, and goes on', { timeout: 120_000 }, async () => {
  let cancel: () => void = () => undefined;
  const token = {
    isCancellationRequested: false,
    onCancellationRequested: (listener: (event: undefined) => void) => {
      cancel = () => {
        listener(undefined);
      };
      return { dispose: () => undefined };
    },
  };
  const shares: number[] = [];
  client.connection.onNotification('candor/addModelProgress', ({ share }: { share: number }) => {
    shares.push(share);
    cancel();
  });
  const adding = client.connection.sendRequest('candor/addModel', { from: file }, token);
  await expect(adding).rejects.toThrow(/stopped.*goes on where it stopped/i);
  expect((await list()).unfinished).toEqual(['random-qwen2']);

  const added: ModelAdded = await client.connection.sendRequest('candor/addModel', { from: file });
  expect(added).toMatchObject({ name: 'random-qwen2', fillInTheMiddle: null });
  expect(added.summary).toMatch(/tensors carried over exactly/);
  expect(Math.max(...shares)).toBe(1);
  const { models, unfinished } = await list();
  expect(unfinished).toEqual([]);
  expect(models[1]!.details).toMatch(/ms a token here.*untrained exits \(early exit off\)/);
});

test('completes with it once it is chosen', { timeout: 120_000 }, async () => {
  const settings = { ...defaultSettings, bundle: path.join(store, 'random-qwen2'), budgetMs: 60_000 };
  const other = await connectTo(built.file('server'), { initializationOptions: { ...options, settings } });
  expect(await other.state('ready')).toMatchObject({ model: 'Random qwen2' });
  other.open('file:///a.ts', 'const a = ');
  await other.ask('file:///a.ts', { line: 0, character: 10 }, { explicit: true });
  const why: { text: string } = await other.connection.sendRequest('candor/explain');
  expect(why.text).not.toMatch(/failed|cannot/);
  expect(await other.stop()).toBe(0);
});

test('refuses fill-in tokens that the vocabulary does not have, and takes those it has', async () => {
  const at = path.join(store, 'random-qwen2');
  const ask = (tokens: unknown): Promise<string> =>
    client.connection.sendRequest('candor/fillIn', { folder: at, tokens });
  await expect(ask(['<a>', '<b>', '<c>'])).rejects.toThrow(/no markup token "<a>".*<file_sep>/);
  expect(await ask(['<file_sep>', '<file_sep>', '<file_sep>'])).toMatch(/fills in with <file_sep>/);
  expect(await ask(null)).toMatch(/writes on only/);
});

test('calibrates its exits on a folder of the workspace, on no other, and never the model that ships', async () => {
  const ask = (name: string, where: string): Promise<{ summary: string }> =>
    client.connection.sendRequest('candor/calibrateExits', { name, folder: where });
  await expect(ask('random-qwen2', pathToFileURL(folder).href)).rejects.toThrow(
    /no folder of this workspace/,
  );
  await expect(ask('default', workspace)).rejects.toThrow(/left as it is/);
  expect((await ask('random-qwen2', workspace)).summary).toMatch(/^Of 800 tokens.*Early exit stays off/);
  expect((await list()).models[1]!.details).toContain('early exit off: it gains nothing');
});

test('says what is wrong with a file that is no model, and leaves nothing of it', async () => {
  const wrong = path.join(folder, 'wrong.gguf');
  writeFileSync(wrong, 'nothing of the kind, but long enough');
  await expect(client.connection.sendRequest('candor/addModel', { from: wrong })).rejects.toThrow(
    /no GGUF file/,
  );
  expect(readdirSync(store).filter((name) => name.includes('wrong'))).toEqual([]);
});

test('removes it, and never the one that ships', async () => {
  const remove = (name: string): Promise<unknown> =>
    client.connection.sendRequest('candor/removeModel', { name });
  await expect(remove('default')).rejects.toThrow(/cannot be removed/);
  await expect(remove('../default')).rejects.toThrow(/no name of a model/);
  await remove('random-qwen2');
  expect((await list()).models).toHaveLength(1);
  expect(existsSync(path.join(bundle, 'bundle.json'))).toBe(true);
});

test('refuses all of it in a workspace that is not trusted', async () => {
  const other = await connectTo(built.file('server'), {
    initializationOptions: { ...options, trusted: false },
  });
  await expect(other.connection.sendRequest('candor/addModel', { from: file })).rejects.toThrow(/trusted/);
  expect(await other.stop()).toBe(0);
});
