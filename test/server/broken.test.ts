/** The server as it ships when something is broken: it says what, in words, and goes on. */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultSettings } from '../../language-server/default-settings.js';
import type { Explanation } from '../../language-server/protocol.js';
import { buildForTests, type Built } from '../support/build.js';
import { connectTo, type TestClient } from '../support/language-client.js';

const shipped = path.resolve(import.meta.dirname, '../../models/smollm2-135m');
const scratch = mkdtempSync(path.join(tmpdir(), 'candor-broken-'));
let built: Built;
beforeAll(async () => {
  built = await buildForTests({ server: 'language-server/main.ts', worker: 'language-server/worker.ts' });
});
afterAll(() => {
  built.remove();
  rmSync(scratch, { recursive: true, force: true });
});

function start(bundle: string): Promise<TestClient> {
  const settings = { ...defaultSettings, prepareNext: false };
  const initializationOptions = { settings, trusted: true, defaultBundle: bundle, grammars: scratch };
  return connectTo(built.file('server'), { initializationOptions });
}

/** A copy of the bundle that ships with something done to it. */
function spoiled(name: string, spoil: (folder: string) => void): string {
  const folder = path.join(scratch, name);
  cpSync(shipped, folder, { recursive: true });
  spoil(folder);
  return folder;
}

test.each([
  ['a missing folder', () => path.join(scratch, 'none'), /does not exist/],
  [
    'a truncated file',
    () =>
      spoiled('truncated', (folder) => {
        truncateSync(path.join(folder, 'embedding.bin'), 1000);
      }),
    /embedding\.bin/,
  ],
  [
    'another format version',
    () =>
      spoiled('version', (folder) => {
        const file = path.join(folder, 'bundle.json');
        const description = JSON.parse(readFileSync(file, 'utf8')) as object;
        writeFileSync(file, JSON.stringify({ ...description, version: 99 }));
      }),
    /version 99/,
  ],
  [
    'a file with another hash',
    () =>
      spoiled('graph', (folder) => {
        const file = path.join(folder, 'block-0.onnx');
        writeFileSync(file, Buffer.alloc(readFileSync(file).length, 7));
      }),
    /block-0\.onnx/,
  ],
])('%s is told as a state and as an explanation', async (_, prepare, words) => {
  const client = await start(prepare());
  const state = await client.state('unavailable');
  expect(state).toMatchObject({ problem: expect.stringMatching(words) as string });
  client.open('file:///a.ts', 'const a = ');
  expect(await client.ask('file:///a.ts', { line: 0, character: 10 })).toEqual([]);
  const { text } = await client.connection.sendRequest<Explanation>('candor/explain');
  expect(text).toMatch(words);
  expect(text).toContain('(unavailable)');
  expect(await client.stop()).toBe(0);
});

test('ends when its client goes away without a word', async () => {
  const client = await start(shipped);
  await client.state('ready');
  expect(await client.hangUp()).toBe(1);
});
