/** Analysis servers that are missing, die, hang or talk nonsense: nobody waits for long, and everybody hears why. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { SourceText } from '../../../language-server/monitors/servers/open-texts.js';
import { commandRow } from '../../../language-server/monitors/servers/presets.js';
import type { AnalysisOptions } from '../../../language-server/monitors/servers/analysis-servers.js';
import { analysisOf, hurried, lives, type Bench } from '../../support/analysis-of.js';

const benches: Bench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
});

function bench(options: Partial<AnalysisOptions> & { readonly fault?: string }): Bench {
  const made = analysisOf({}, options);
  benches.push(made);
  return made;
}

const place = 'thing.▮\n';

test('a server that is well names what is there, and whether that is all', async () => {
  const { ask, servers } = bench({ fault: 'none' });
  expect(await ask('members', 'a.ts', place)).toEqual({
    names: [
      { text: 'alpha', kind: 'property' },
      { text: 'beta', kind: 'method' },
    ],
    complete: true,
  });
  expect(await ask('diagnostics', 'a.ts', place, 'gamma')).toMatchObject({
    added: [{ start: 0, end: 5, severity: 'error', message: 'no gamma' }],
  });
  expect(servers.problems()).toEqual([]);
  expect(servers.usage()).toMatchObject({ texts: 1 });
});

test('missing: the reason names the program and the setting', async () => {
  const { ask, servers } = bench({ serverFor: () => commandRow(['candor-no-such-server']) });
  const why = 'candor-no-such-server is not installed, or not on the path (candor.analysisServers).';
  expect(await ask('members', 'a.go', place)).toEqual({ unknown: why });
  expect(servers.problems()).toEqual([why]);
});

test('a workspace that is not trusted starts no program but those that ship', async () => {
  const { ask } = bench({ serverFor: () => commandRow(['node', '--version']), trusted: () => false });
  expect(await ask('members', 'a.go', place)).toEqual({ unknown: 'node runs in trusted workspaces only.' });
});

test('no server for a language: nobody is troubled', async () => {
  const { ask, servers } = bench({});
  expect(await ask('members', 'a.unknown', place)).toEqual({
    unknown: 'no analysis server knows plaintext',
  });
  expect(servers.problems()).toEqual([]);
});

test('killed in mid-question: the answer is unknown, the next question starts it again', async () => {
  const { ask, servers, started } = bench({ fault: 'dies' });
  expect(await ask('members', 'a.ts', place)).toEqual({
    unknown: 'The faulty server ended with exit code 7',
  });
  expect(servers.problems().join()).toMatch(/ended with exit code 7.*started again/);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await ask('members', 'a.ts', place);
  expect(new Set(started()).size).toBe(2);
});

test('dying again and again, it is left down, and says so', async () => {
  const { ask, servers, started } = bench({ fault: 'dies' });
  for (let attempt = 0; attempt < 8; attempt++) {
    await ask('members', 'a.ts', place);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  expect(started()).toHaveLength(5);
  expect(servers.problems().join()).toMatch(/5 times in a row, and is left down/);
});

test('silent: ended after its time, and the next question goes to a new process', async () => {
  const { ask, servers, started } = bench({ fault: 'silent' });
  const began = performance.now();
  expect(await ask('members', 'a.ts', place)).toMatchObject({
    unknown: expect.stringMatching(/did not answer/),
  });
  expect(performance.now() - began).toBeLessThan(hurried.startMs + 2_000);
  expect(servers.problems().join()).toMatch(/did not answer within 3 s/);
  expect(started().filter(lives)).toEqual([]);
});

test('silent: whoever does not wait any more is let go at once', async () => {
  const { servers, folder } = bench({ fault: 'silent' });
  const leaving = new AbortController();
  const question = { key: 'members', kind: 'members', written: '', back: 0, closers: '' } as const;
  const program = { uri: `file://${folder}/a.ts`, languageId: 'typescript', before: 'thing.', after: '' };
  const answer = servers.answer(question, program, leaving.signal);
  setTimeout(() => {
    leaving.abort();
  }, 800);
  const began = performance.now();
  expect(await answer).toEqual({ unknown: 'nobody waits for the answer any more' });
  expect(performance.now() - began).toBeLessThan(2_500);
});

test.each(['late', 'publishes'])(
  '%s: diagnostics that cannot be asked for at first are had all the same',
  async (fault) => {
    const { ask, servers, folder } = bench({ fault });
    const text = { uri: pathToFileURL(path.join(folder, 'a.ts')).href, languageId: 'typescript', text: '' };
    const began = performance.now();
    await servers.warm(text);
    expect(await ask('diagnostics', 'a.ts', place, 'gamma')).toMatchObject({
      added: [{ message: 'no gamma' }],
    });
    expect(performance.now() - began).toBeLessThan(8_000);
  },
);

test.each([
  ['garbage', /said what is no message|did not start/],
  ['nonsense', /makes no sense/],
  ['incomplete', /not complete/],
  ['many', /absurdly long/],
])('%s: unknown', async (fault, why) => {
  const { ask } = bench({ fault });
  expect(await ask('members', 'a.ts', place)).toEqual({ unknown: expect.stringMatching(why) });
});

describe('what is open, and what runs', () => {
  test('a hundred files later one text is open; stopped, no process is left', async () => {
    const { ask, servers, started } = bench({ fault: 'none' });
    for (let file = 0; file < 100; file++) await ask('members', `a${file}.ts`, place);
    expect(servers.usage().texts).toBe(1);
    expect(started()).toHaveLength(1);
    await servers.stop();
    expect(servers.usage()).toEqual({ processes: [], texts: 0 });
    expect(started().filter(lives)).toEqual([]);
  });

  test('the editor’s other documents are seen as they stand, and closed with them', async () => {
    let documents: SourceText[] = [];
    const { ask, servers, folder } = bench({ fault: 'none', documents: () => documents });
    documents = [{ uri: pathToFileURL(path.join(folder, 'b.ts')).href, languageId: 'typescript', text: 'b' }];
    await ask('members', 'a.ts', place);
    expect(servers.usage().texts).toBe(2);
    documents = [];
    await ask('members', 'a.ts', `${place} `);
    expect(servers.usage().texts).toBe(1);
  });

  test('idle, it is stopped; asked, it starts again', async () => {
    const { ask, started } = bench({ fault: 'none', patience: { ...hurried, idleMs: 50 } });
    await ask('members', 'a.ts', place);
    await expect.poll(() => started().filter(lives)).toEqual([]);
    await ask('members', 'a.ts', `${place} `);
    expect(started()).toHaveLength(2);
  });

  test('children end with us, even when we are killed', async () => {
    const { folder, started } = bench({ fault: 'none' });
    const script = path.join(import.meta.dirname, '../../support/ask-and-wait.ts');
    const parent = spawn(process.execPath, ['--import', 'tsx', script, path.join(folder, 'pids.txt')]);
    const [child] = await expect.poll(started, { timeout: 20_000 }).toHaveLength(1).then(started);
    expect(lives(child!)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => lives(child!), { timeout: 20_000 }).toBe(false);
  });
});
