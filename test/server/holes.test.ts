/** Holes over the wire with a scripted writer: calibrating on a workspace, snippets by what was promised, filling them. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { defaultSettings } from '../../language-server/default-settings.js';
import type {
  CalibrationProgress,
  CalibrationReport,
  Explanation,
  Learned,
} from '../../language-server/protocol.js';
import { buildForTests, type Built } from '../support/build.js';
import { grammarFiles } from '../support/grammars.js';
import { connectTo, type TestClient } from '../support/language-client.js';
import type { Rule } from '../support/scripted-writer.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'candor-holes-'));
const grammars = path.join(scratch, 'grammars');
const folder = path.join(scratch, 'workspace');
const folderUri = pathToFileURL(folder).href;
const uri = pathToFileURL(path.join(folder, 'new.ts')).href;
const script = path.join(scratch, 'script.json');
let storage = '';
let run = 0;
let built: Built;

/** What the model writes: sure of all but one argument. */
const tokens = [
  ['call', -0.01],
  ['(', -0.01],
  ['alpha', -0.01],
  [', ', -0.01],
  ['beta', -3],
  [')', -0.01],
  [';', -0.01],
] as const;
const line = tokens.map(([text]) => text).join('');

/** The line from any column on. */
const rules: readonly Rule[] = Array.from({ length: line.length }, (_, column) => {
  let at = 0;
  const rest = tokens.flatMap(([text, logProb]) => {
    const left = text.slice(Math.max(column - at, 0));
    at += text.length;
    return left === '' ? [] : [[left, logProb] as const];
  });
  return { after: `\n  ${line.slice(0, column)}`, drafts: [line.slice(column)], tokens: rest };
});

beforeAll(async () => {
  mkdirSync(grammars);
  mkdirSync(folder);
  copyFileSync(grammarFiles.runtime, path.join(grammars, 'web-tree-sitter.wasm'));
  copyFileSync(grammarFiles.grammar('typescript'), path.join(grammars, 'typescript.wasm'));
  // People wrote other names than the model's there, now and then.
  for (let i = 0; i < 40; i++) {
    const name = i % 2 === 0 ? 'beta' : 'gamma';
    const text = `export function f${i}(): void {\n  call(alpha, ${name});\n}\n`;
    writeFileSync(path.join(folder, `f${i}.ts`), text);
  }
  built = await buildForTests({ server: 'test/support/scripted-server.ts' });
});
beforeEach(() => {
  storage = path.join(scratch, `storage-${++run}`);
});
afterAll(() => {
  built.remove();
  rmSync(scratch, { recursive: true, force: true });
});

async function start(
  settings = {},
  more = {},
  stepMs = 0,
  firstRules: readonly Rule[] = [],
): Promise<TestClient> {
  writeFileSync(script, JSON.stringify({ rules: [...firstRules, ...rules], stepMs }));
  const options = {
    settings: { ...defaultSettings, holes: 0.2, ...settings },
    trusted: true,
    defaultBundle: '/bundles/default',
    grammars,
    storage,
    ...more,
  };
  return connectTo(built.file('server'), {
    args: [`--script=${script}`],
    folders: [folderUri],
    initializationOptions: options,
  });
}

const calibrate = (client: TestClient, of = folderUri) =>
  client.connection.sendRequest<CalibrationReport>('candor/calibrate', { folder: of });
const explain = async (client: TestClient) =>
  (await client.connection.sendRequest<Explanation>('candor/explain')).text;

const open = (client: TestClient) => {
  client.open(uri, 'function g() {\n  \n}\n');
};
const position = { line: 1, character: 2 };
const at = (character: number) => ({ line: 1, character });
const inserted = (client: TestClient, text: string) => {
  client.change(uri, { range: { start: position, end: position }, text });
};

describe('calibrating', () => {
  test('answers with a page, and suggestions are snippets from then on, in later sessions too', async () => {
    const client = await start();
    const heard: CalibrationProgress[] = [];
    client.connection.onNotification('candor/calibration', (progress: CalibrationProgress) => {
      heard.push(progress);
    });
    const { markdown } = await calibrate(client);
    expect(markdown).toContain(`# Calibration on ${folder}`);
    expect(markdown).toMatch(/^\| typescript \| 0\.2 \| 0\.1 \| 40 \| \d\.\d{3} nats \| \d+ \|/m);
    // Too few for the strictest promise.
    expect(markdown).toMatch(/^\| typescript \| 0\.05 \| 0\.1 \| 40: 5 more are needed \| none \|/m);
    expect(heard.map(({ places }) => places)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    open(client);
    const items = await client.ask(uri, position);
    expect(items).toMatchObject([
      {
        insertText: { kind: 'snippet', value: 'call(alpha, ${1:beta});${0}' },
        filterText: line,
        range: { start: position, end: position },
      },
      { insertText: line },
    ]);
    await client.stop();
    const later = await start();
    open(later);
    expect(await later.ask(uri, position)).toEqual(items);
    await later.stop();
  });

  test('can be cancelled, and goes on where it stopped', async () => {
    const slow = await start({}, {}, 2);
    const source = new CancellationTokenSource();
    slow.connection.onNotification('candor/calibration', ({ places }: CalibrationProgress) => {
      if (places === 5) source.cancel();
    });
    const request = slow.connection.sendRequest('candor/calibrate', { folder: folderUri }, source.token);
    await expect(request).rejects.toThrow(/goes on from here/);
    await slow.stop();
    const [home] = readdirSync(path.join(storage, 'calibrations'));
    expect(readdirSync(path.join(storage, 'calibrations', home!))).toEqual([
      expect.stringMatching(/^places-scripted-/),
    ]);
    const client = await start();
    expect((await calibrate(client)).markdown).toMatch(/^40 places/m);
    expect(readdirSync(path.join(storage, 'calibrations', home!))).toEqual(['calibration.json']);
    await client.stop();
  });

  test('goes on after the server was killed in its midst, with all that it had judged', async () => {
    const doomed = await start({}, {}, 2);
    const killed = new Promise<unknown>((resolve) => {
      doomed.connection.onNotification('candor/calibration', ({ places }: CalibrationProgress) => {
        if (places === 7) resolve(doomed.kill());
      });
    });
    calibrate(doomed).catch(() => undefined);
    await killed;
    const [home] = readdirSync(path.join(storage, 'calibrations'));
    const kept = path.join(storage, 'calibrations', home!);
    const [unfinished] = readdirSync(kept);
    const judged = readFileSync(path.join(kept, unfinished!), 'utf8').split('\n').filter(Boolean).length;
    expect(judged).toBeGreaterThanOrEqual(7);
    expect(judged).toBeLessThan(40);
    const client = await start();
    expect((await calibrate(client)).markdown).toMatch(/^40 places/m);
    expect(readdirSync(kept)).toEqual(['calibration.json']);
    await client.stop();
  });

  test('is refused without trust, and outside the workspace', async () => {
    const client = await start({}, { trusted: false });
    await expect(calibrate(client)).rejects.toThrow('trusted workspaces only');
    await expect(calibrate(client, 'file:///elsewhere')).rejects.toThrow('no folder of this workspace');
    await client.stop();
  });
});

describe('nothing is offered, and the reason told,', () => {
  test('before anything was calibrated, and for what the calibration does not hold for', async () => {
    const client = await start();
    open(client);
    expect(await client.ask(uri, position)).toEqual([]);
    expect(await explain(client)).toContain('run “Candor: Calibrate on This Workspace”');
    await calibrate(client);
    const use = (settings: object) =>
      client.connection.sendNotification('candor/settings', { ...defaultSettings, ...settings });
    await use({ holes: 0.15 });
    expect(await client.ask(uri, position)).toEqual([]);
    expect(await explain(client)).toContain('Nothing was calibrated for typescript with ε = 0.15');
    await use({ holes: 0.2, maxTokens: 32 });
    expect(await client.ask(uri, position)).toEqual([]);
    expect(await explain(client)).toMatch(/Settings or program have changed .* \(unsure\)/);
    await use({ holes: 0 });
    expect(await client.ask(uri, position)).toMatchObject([{ insertText: line }]);
    await client.stop();
  });

  test('to a client that takes no snippets', async () => {
    const first = await start();
    await calibrate(first);
    await first.stop();
    const client = await start({}, { defaultBundle: undefined });
    open(client);
    expect(await client.ask(uri, position)).toEqual([]);
    expect(await explain(client)).toContain('takes no snippets');
    await client.stop();
  });
});

describe('a hole', () => {
  test('is a choice where the model, asked there, has clear alternatives', async () => {
    const first = await start();
    await calibrate(first);
    await first.stop();
    const drafts = ['beta);', 'gamma);', 'delta, 1);'];
    const client = await start({}, {}, 0, [{ after: 'call(alpha, ', drafts }]);
    open(client);
    expect(await client.ask(uri, position)).toMatchObject([
      {
        insertText: { kind: 'snippet', value: 'call(alpha, ${1|beta,gamma|});${0}' },
        filterText: line,
        // The client keeps the list from taking the place of what is typed.
        command: { arguments: [expect.any(String), ['beta', 'gamma']] },
      },
      { insertText: line, command: { arguments: [expect.any(String)] } },
    ]);
    await client.stop();
  });
});

describe('what was learned from use', () => {
  const learned = async (client: TestClient, forget = false) =>
    (await client.connection.sendRequest<Learned>('candor/learned', { forget })).markdown;
  const row = (page: string) => /^\| typescript .*$/m.exec(page)?.[0].split(' | ').slice(3, 8);
  const [places, kept, changed, rejected, silent] = [0, 1, 2, 3, 4];

  test('is told by a page, outlives the server, and is forgotten on demand', async () => {
    const client = await start();
    await calibrate(client);
    expect(await learned(client)).toContain('Nothing yet');
    open(client);
    const [item] = await client.ask(uri, position);
    inserted(client, line);
    const accepted = { item: item!.command!.arguments![0] as string };
    await client.connection.sendNotification('candor/accepted', accepted);
    // The hole is filled with what the model had not said: that is what it is for.
    client.change(uri, { range: { start: at(14), end: at(18) }, text: 'delta' });
    client.close(uri);
    expect(row(await learned(client))).toEqual(['1', '1', '0', '0', '0']);
    open(client);
    const [again] = await client.ask(uri, position);
    expect(again).toMatchObject({ insertText: { kind: 'snippet' } });
    inserted(client, 'another(thing);');
    client.close(uri);
    await client.stop();

    const later = await start();
    const counts = row(await learned(later))!;
    expect([counts[places], counts[kept], counts[changed], counts[rejected], counts[silent]]).toEqual([
      ...['2', '1', '0', '1', '0'],
    ]);
    expect(await learned(later, true)).toContain('Nothing yet');
    await later.stop();
    const last = await start();
    expect(await learned(last)).toContain('Nothing yet');
    await last.stop();
  });
});

describe('while holes are filled', () => {
  test('requests inside are answered with nothing, until the caret stands at the end', async () => {
    const client = await start();
    await calibrate(client);
    open(client);
    const [item] = await client.ask(uri, position);
    inserted(client, line);
    await client.connection.sendNotification('candor/accepted', {
      item: item!.command!.arguments![0] as string,
    });
    expect(await client.ask(uri, at(18))).toEqual([]);
    expect(await explain(client)).toContain('are being filled. (snippet)');
    client.change(uri, { range: { start: at(14), end: at(18) }, text: 'delta' });
    expect(await client.ask(uri, at(19))).toEqual([]);
    expect(await explain(client)).toContain('(snippet)');
    await client.ask(uri, at(21));
    expect(await explain(client)).not.toContain('(snippet)');
    await client.ask(uri, at(19));
    expect(await explain(client)).not.toContain('(snippet)');
    await client.stop();
  });

  test('the plain suggestion beside it leads to no such silence', async () => {
    const client = await start();
    await calibrate(client);
    open(client);
    const [, plain] = await client.ask(uri, position);
    client.change(uri, { range: { start: position, end: position }, text: 'call(' });
    await client.connection.sendNotification('candor/accepted', {
      item: plain!.command!.arguments![0] as string,
    });
    await client.ask(uri, at(7));
    expect(await explain(client)).not.toContain('(snippet)');
    await client.stop();
  });
});
