/** An engine whose worker dies: the request is answered in words, the state says that it starts again, and it does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { Engine } from '../../language-server/completion/engine.js';
import { openEngine } from '../../language-server/open-engine.js';
import { editorAt } from '../support/editor-at.js';

const folder = mkdtempSync(path.join(tmpdir(), 'candor-worker-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A worker that is ready at once and dies at the first request. */
const dying = `
import { parentPort } from 'node:worker_threads';
const engine = { model: 'dying', device: 'cpu', layers: 1, exits: [1], maxTokens: 100 };
parentPort.postMessage({ kind: 'ready', engine });
parentPort.on('message', (message) => {
  if (message.kind === 'write') process.exit(3);
  if (message.kind === 'dispose') parentPort.close();
});
`;

test('a worker that dies is started again, and the user is told', async () => {
  const file = path.join(folder, 'worker.mjs');
  writeFileSync(file, dying);
  const bundle = path.resolve(import.meta.dirname, '../../models/smollm2-135m');
  const reported: Engine[] = [];
  let heard: () => void = () => undefined;
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise<void>((resolve) => (heard = resolve));
  };
  const options = {
    bundle,
    grammars: folder,
    threads: 1,
    device: 'cpu',
    unloadMinutes: 0,
    storage: folder,
  } as const;
  const opened = openEngine(options, pathToFileURL(file), (engine) => {
    reported.push(engine);
    heard();
  });
  const timesReady = () => reported.filter(({ kind }) => kind === 'ready').length;
  await until(() => timesReady() === 1);

  const editor = editorAt('const a = ▮', reported.at(-1)!);
  const { silence } = await editor.ask();
  expect(silence).toMatchObject({ reason: 'unavailable' });
  expect(silence!.detail).toContain('The engine stopped with exit code 3. It is being started again.');

  await until(() => timesReady() === 2);
  const told = reported.filter((engine) => engine.kind === 'loading').map(({ what }) => what);
  expect(told.filter((what) => what.includes('exit code 3'))).toHaveLength(1);
  await opened.close();
});
