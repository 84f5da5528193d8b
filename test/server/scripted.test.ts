/** The server over the real wire with a scripted writer: sync, encodings, triggers, cycling, cancelling, explaining. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InlineCompletionItem } from 'vscode-languageserver/node';
import { defaultSettings } from '../../language-server/default-settings.js';
import { draftsRequest, type Explanation, type OfferedDrafts } from '../../language-server/protocol.js';
import { buildForTests, type Built } from '../support/build.js';
import { connectTo, type ClientOptions, type TestClient } from '../support/language-client.js';
import type { Rule } from '../support/scripted-writer.js';

const uri = 'file:///project/example.ts';
const scratch = mkdtempSync(path.join(tmpdir(), 'candor-server-'));
let built: Built;
beforeAll(async () => {
  built = await buildForTests({ server: 'test/support/scripted-server.ts' });
});
afterAll(() => {
  built.remove();
  rmSync(scratch, { recursive: true, force: true });
});

let scripts = 0;
async function start(
  rules: readonly Rule[],
  options: ClientOptions & { stepMs?: number } = {},
): Promise<TestClient> {
  const script = path.join(scratch, `${++scripts}.json`);
  writeFileSync(script, JSON.stringify({ rules, stepMs: options.stepMs ?? 0 }));
  return connectTo(built.file('server'), { ...options, args: [`--script=${script}`] });
}

/** What our own extension passes. */
function ours(settings = {}, more = {}) {
  return {
    settings: { ...defaultSettings, prepareNext: false, ...settings },
    trusted: true,
    defaultBundle: '/bundles/default',
    grammars: '/grammars',
    ...more,
  };
}

const texts = (items: readonly InlineCompletionItem[]) => items.map(({ insertText }) => insertText);
const explain = (client: TestClient) => client.connection.sendRequest<Explanation>('candor/explain');
const calls = (client: TestClient) => client.log.filter((line) => line.includes('prompt 7 tokens')).length;

describe('any client with a plain initialize', () => {
  test('gets suggestions, and runs their command on the server', async () => {
    const client = await start([{ after: 'a = ', drafts: ['call();'] }]);
    expect(client.initialized.capabilities).toMatchObject({
      positionEncoding: 'utf-16',
      inlineCompletionProvider: true,
      executeCommandProvider: { commands: ['candor.accepted'] },
    });
    client.open(uri, 'const a = ');
    const [item] = await client.ask(uri, { line: 0, character: 10 });
    expect(item).toMatchObject({
      insertText: 'call();',
      filterText: 'call();',
      range: { start: { line: 0, character: 10 }, end: { line: 0, character: 10 } },
      command: { command: 'candor.accepted' },
    });
    await client.connection.sendRequest('workspace/executeCommand', item!.command);
    await expect.poll(() => client.log.filter((line) => line.includes('accepted'))).toHaveLength(1);
    expect(client.states).toEqual([]);
    expect(await client.stop()).toBe(0);
  });

  test('speaks over Node IPC', async () => {
    const client = await start([{ after: 'a = ', drafts: ['call();'] }], { channel: 'ipc' });
    client.open(uri, 'const a = ');
    expect(texts(await client.ask(uri, { line: 0, character: 10 }))).toEqual(['call();']);
    expect(await client.stop()).toBe(0);
  });

  test('may pass some settings, and hears about those that cannot be used', async () => {
    const client = await start([{ after: 'a = ', drafts: ['call();'] }], {
      initializationOptions: { settings: { enable: false, drafts: 'many' } },
    });
    client.open(uri, 'const a = ');
    expect(await client.ask(uri, { line: 0, character: 10 })).toEqual([]);
    expect(client.log.join('\n')).toContain('quiet: off');
    expect(client.log.join('\n')).toContain('candor.drafts cannot be used');
    await client.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: { candor: { enable: true } },
    });
    expect(texts(await client.ask(uri, { line: 0, character: 10 }))).toEqual(['call();']);
    await client.stop();
  });
});

describe('documents', () => {
  const rules = [
    { after: 'const value = ', drafts: ['right();'] },
    { after: '', drafts: ['wrong();'] },
  ];
  const at = (line: number, start: number, end = start) => ({
    start: { line, character: start },
    end: { line, character: end },
  });

  test('follow incremental changes, several at once, one after the other', async () => {
    const client = await start(rules);
    client.open(uri, 'first\ncons vague = \n');
    client.change(uri, { range: at(1, 4), text: 't' }, { range: at(1, 8, 10), text: 'lu' });
    const items = await client.ask(uri, { line: 1, character: 14 });
    expect(texts(items)).toEqual(['right();']);
    client.change(uri, { text: 'const value = ' });
    expect(texts(await client.ask(uri, { line: 0, character: 14 }))).toEqual(['right();']);
    await client.stop();
  });

  test('in UTF-16, characters outside the basic plane count two', async () => {
    const client = await start(rules);
    client.open(uri, '"😀"; const vague = \n');
    client.change(uri, { range: at(0, 14, 16), text: 'lu' });
    const [item] = await client.ask(uri, { line: 0, character: 20 });
    expect(item).toMatchObject({ insertText: 'right();', range: at(0, 20) });
    await client.stop();
  });

  test('in UTF-8, every byte counts, in changes, positions and ranges', async () => {
    const client = await start(rules, { encodings: ['utf-8', 'utf-16'] });
    expect(client.initialized.capabilities.positionEncoding).toBe('utf-8');
    client.open(uri, '"😀ß"; const vague = \n');
    client.change(uri, { range: at(0, 18, 20), text: 'lu' });
    const [item] = await client.ask(uri, { line: 0, character: 24 });
    expect(item).toMatchObject({ insertText: 'right();', range: at(0, 24) });
    await client.stop();
  });

  test('speak UTF-16 to a client that prefers what we do not speak', async () => {
    const client = await start(rules, { encodings: ['utf-32'] });
    expect(client.initialized.capabilities.positionEncoding).toBe('utf-16');
    await client.stop();
  });

  test('answer in their own line ends', async () => {
    const client = await start([{ after: 'if (a) ', drafts: ['{\n  go();\n}'] }]);
    client.open(uri, 'x;\r\nif (a) \r\n');
    expect(texts(await client.ask(uri, { line: 1, character: 7 }))).toEqual(['{\r\n  go();\r\n}']);
    await client.stop();
  });

  test('that are not open, or positions outside them, are answered with nothing and a reason', async () => {
    const client = await start(rules);
    expect(await client.ask('file:///unknown.ts', { line: 0, character: 0 })).toEqual([]);
    client.open(uri, 'one 😀 line');
    const outside = [
      { line: 1, character: 0 },
      { line: 0, character: 12 },
      { line: 0, character: 5 },
    ];
    for (const position of outside) expect(await client.ask(uri, position)).toEqual([]);
    expect(client.log.filter((line) => line.includes('no-document'))).toHaveLength(4);
    expect((await explain(client)).text).toContain('Line 1, character 6 lies outside the document');
    client.connection
      .sendNotification('textDocument/didClose', { textDocument: { uri } })
      .catch(() => undefined);
    expect(await client.ask(uri, { line: 0, character: 0 })).toEqual([]);
    await client.stop();
  });

  test('of 5 MB, of 100,000 columns, and with null characters are answered with a reason', async () => {
    const client = await start(rules);
    client.open('file:///large.ts', 'const a = 1;\n'.repeat(400_000));
    expect(await client.ask('file:///large.ts', { line: 400_000, character: 0 })).toEqual([]);
    client.open('file:///wide.ts', 'a+'.repeat(50_000));
    expect(await client.ask('file:///wide.ts', { line: 0, character: 100_000 })).toEqual([]);
    client.open('file:///binary.ts', 'const a\0 = ');
    expect(await client.ask('file:///binary.ts', { line: 0, character: 11 })).toEqual([]);
    const reasons = client.log.map((line) => /quiet: ([\w-]+)/.exec(line)?.[1]).filter((reason) => reason);
    expect(reasons).toEqual(['too-large', 'too-large', 'binary']);
    await client.stop();
  });
});

describe('other files', () => {
  test('tell about imports when they lie in a folder of the workspace, also one opened later', async () => {
    const folder = path.join(scratch, 'workspace');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'shapes.ts'), 'export function areaOf(shape: Shape): number {\n}\n');
    const client = await start(
      [
        {
          after: 'a = ',
          inPrompt: '// shapes.ts:\n// export function areaOf(shape: Shape)',
          drafts: ['areaOf(b);'],
        },
        { after: 'a = ', drafts: ['nobody();'] },
      ],
      { folders: [] },
    );
    const main = pathToFileURL(path.join(folder, 'main.ts')).href;
    client.open(main, "import { areaOf } from './shapes';\nconst a = ");
    expect(texts(await client.ask(main, { line: 1, character: 10 }))).toEqual(['nobody();']);
    const added = [{ uri: pathToFileURL(folder).href, name: 'workspace' }];
    await client.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
      event: { added, removed: [] },
    });
    expect(texts(await client.ask(main, { line: 1, character: 10 }))).toEqual(['areaOf(b);']);
    await client.stop();
  });

  test('that are open tell by what is alike', async () => {
    const client = await start([
      { after: 'a = ', inPrompt: 'totalPrice(items)', drafts: ['totalPrice(b);'] },
      { after: 'a = ', drafts: ['nobody();'] },
    ]);
    client.open('file:///other.ts', 'const items = load();\nconst sum = totalPrice(items);');
    client.open(uri, 'const items = load();\nconst a = ');
    expect(texts(await client.ask(uri, { line: 1, character: 10 }))).toEqual(['totalPrice(b);']);
    await client.stop();
  });
});

describe('our own client', () => {
  const rules = [{ after: 'a = ', drafts: ['first();', 'second();'] }];

  test('hears states, cycles, forwards accepts, and can ask why', async () => {
    const client = await start(rules, { initializationOptions: ours() });
    expect(client.initialized.capabilities.executeCommandProvider).toBeUndefined();
    expect(await client.state('ready')).toEqual({ kind: 'ready', model: 'scripted', device: 'none' });
    client.open(uri, 'const a = ');
    const position = { line: 0, character: 10 };
    const automatic = await client.ask(uri, position);
    expect(texts(automatic)).toEqual(['first();']);
    const cycled = await client.ask(uri, position, { explicit: true });
    expect(texts(cycled)).toEqual(['first();', 'second();']);
    expect(cycled[0]).toEqual(automatic[0]);
    expect(await client.ask(uri, position, { explicit: true })).toEqual(cycled);
    expect(calls(client)).toBe(2);
    expect((await explain(client)).text).toBe(
      'Asked by a command, Candor offered 2 suggestions from memory.',
    );
    const [item] = automatic[0]!.command!.arguments as [string];
    await client.connection.sendNotification('candor/accepted', { item });
    await expect.poll(() => client.log.join('\n')).toContain(`suggestion ${item} accepted`);
    await client.stop();
  });

  test('is offered drafts to pick from, those that cycling has made among them', async () => {
    const client = await start(rules, { initializationOptions: ours() });
    client.open(uri, 'let b;\nconst a = ');
    const ask = (line: number, character: number): Promise<OfferedDrafts> =>
      client.connection.sendRequest(draftsRequest, { uri, line, character });
    await client.ask(uri, { line: 1, character: 10 }, { explicit: true });
    const { drafts, why } = await ask(1, 10);
    expect(calls(client)).toBe(1);
    expect(why).toBeUndefined();
    expect(drafts.map(({ text }) => text)).toEqual(['first();', 'second();']);
    const place = { line: 1, character: 10 };
    expect(drafts[0]).toMatchObject({ start: place, end: place, holes: 0 });
    expect(drafts[0]!.probability).toBeGreaterThan(0);
    expect(drafts[0]!.probability).toBeLessThanOrEqual(1);
    await client.stop();
  });

  test('is told why there are no drafts', async () => {
    const client = await start(rules, { initializationOptions: ours() });
    const ask = (line: number): Promise<OfferedDrafts> =>
      client.connection.sendRequest(draftsRequest, { uri, line, character: 8 });
    expect(await ask(0)).toEqual({ drafts: [], why: expect.stringContaining('not open') as string });
    client.open(uri, 'const name = 1;');
    expect(await ask(7)).toEqual({ drafts: [], why: expect.stringContaining('Ask again') as string });
    expect((await ask(0)).drafts).toEqual([]);
    expect((await ask(0)).why).toMatch(/would end the text/);
    await client.stop();
  });

  test('is told why it is quiet, as a state and as an explanation', async () => {
    const client = await start(rules, { initializationOptions: ours() });
    expect((await explain(client)).text).toContain('No suggestion has been asked for yet');
    client.open(uri, 'const name = 1;');
    await client.ask(uri, { line: 0, character: 8 });
    expect(await client.state('quiet')).toMatchObject({ reason: 'mid-word', model: 'scripted' });
    const { text, trace } = await explain(client);
    expect(text).toBe(
      'Asked while typing, Candor offered nothing. The cursor stands inside a word. (mid-word)',
    );
    expect(trace[0]).toContain('automatic typescript example.ts:1:9 | quiet: mid-word');
    await client.stop();
  });

  test('changes settings while it runs; another bundle is opened, and a missing one told', async () => {
    const client = await start(rules, { initializationOptions: ours() });
    await client.state('ready');
    client.open(uri, 'const a = ');
    await client.connection.sendNotification('candor/settings', ours({ trigger: 'manual' }).settings);
    expect(await client.ask(uri, { line: 0, character: 10 })).toEqual([]);
    await client.connection.sendNotification(
      'candor/settings',
      ours({ bundle: '/bundles/missing' }).settings,
    );
    expect(await client.state('unavailable')).toMatchObject({
      problem: 'There is no bundle in /bundles/missing.',
    });
    expect(await client.ask(uri, { line: 0, character: 10 })).toEqual([]);
    expect((await explain(client)).text).toContain('There is no bundle in /bundles/missing. Choose another.');
    await client.stop();
  });

  test('in an untrusted workspace the bundle of the settings is ignored', async () => {
    const options = ours({ bundle: '/bundles/missing' }, { trusted: false });
    const client = await start(rules, { initializationOptions: options });
    await client.state('ready');
    client.open(uri, 'const a = ');
    expect(texts(await client.ask(uri, { line: 0, character: 10 }))).toEqual(['first();']);
    await client.stop();
  });

  test('gets items that begin with the highlighted entry and use its range', async () => {
    const client = await start([{ after: 'console', drafts: ['.log(a);'] }], {
      initializationOptions: ours(),
    });
    client.open(uri, 'con');
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
    const selected = { range, text: 'console' };
    const items = await client.ask(uri, { line: 0, character: 3 }, { selected });
    expect(items).toMatchObject([{ insertText: 'console.log(a);', filterText: 'console.log(a);', range }]);
    await client.stop();
  });
});

describe('cancelling', () => {
  const rules = [{ after: 'a = ', drafts: ['a long suggestion that takes its time to be written'] }];

  test('ends a request at once, and the next is answered', async () => {
    const client = await start(rules, { stepMs: 20, initializationOptions: ours() });
    client.open(uri, 'const a = ');
    const request = client.start(uri, { line: 0, character: 10 });
    await client.state('busy');
    request.cancel();
    expect(await request.answer).toEqual([]);
    expect(texts(await client.ask(uri, { line: 0, character: 10 }))).toEqual(rules[0]!.drafts);
    await client.stop();
  });

  test('a thousand requests in a burst are all answered, and the server goes on', async () => {
    const client = await start(rules, { stepMs: 1, initializationOptions: ours() });
    client.open(uri, 'const a = ');
    const requests = Array.from({ length: 1000 }, () => client.start(uri, { line: 0, character: 10 }));
    for (const { cancel } of requests) cancel();
    const answers = await Promise.all(requests.map(({ answer }) => answer));
    expect(answers).toHaveLength(1000);
    expect(texts(await client.ask(uri, { line: 0, character: 10 }))).toEqual(rules[0]!.drafts);
    expect(await client.stop()).toBe(0);
  });
});

test('analysis hears of every change, and then of what is sure to be asked there', async () => {
  const client = await start([]);
  client.open(uri, 'one');
  const type = (text: string, character: number): void => {
    const at = { line: 0, character };
    client.change(uri, { range: { start: at, end: at }, text });
  };
  type('.', 3);
  type('a', 4);
  await client.ask(uri, { line: 0, character: 5 });
  const heard = client.log.filter((line) => /asked ahead|analysis hears/.test(line));
  expect(heard).toEqual(['analysis hears of one.', 'asked ahead after one.', 'analysis hears of one.a']);
  await client.stop();
});
