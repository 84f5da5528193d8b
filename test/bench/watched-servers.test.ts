/** Analysis servers and their open texts, counted from outside: the soak benchmark tells of growth by this. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { analysisOf } from '../support/analysis-of.js';

interface Watched {
  readonly analysisServers: () => readonly { readonly pid: number; readonly texts: number }[];
}

const file = path.join(import.meta.dirname, 'latency/watched-servers.mjs');
const { analysisServers } = (await import(pathToFileURL(file).href)) as Watched;

const { ask, servers, close } = analysisOf({}, { fault: 'none' });
afterAll(close);

test('as many as there are, and none of those that have ended', async () => {
  expect(analysisServers()).toEqual([]);
  await ask('members', 'a.ts', 'thing.▮\n');
  await ask('members', 'b.ts', 'thing.▮\n');
  const { processes, texts } = servers.usage();
  expect(processes).toHaveLength(1);
  expect(analysisServers()).toEqual([{ pid: processes[0], texts }]);
  await servers.stop();
  expect(analysisServers()).toEqual([]);
});
