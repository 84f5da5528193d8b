/** The server as it ships, over stdio, with the bundle that ships: a real model writes over the real wire. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultSettings } from '../../language-server/default-settings.js';
import { parseBundle } from '../../language-server/inference/bundle.js';
import { buildForTests, type Built } from '../support/build.js';
import { connectTo, type TestClient } from '../support/language-client.js';
import packages from '../../syntax/grammars.json' with { type: 'json' };

const root = path.resolve(import.meta.dirname, '../..');
const bundle = path.join(root, 'models/smollm2-135m');
const description = path.join(bundle, 'bundle.json');
const shipped = parseBundle(readFileSync(description, 'utf8'), description);
const uri = 'file:///project/cart.ts';
const program = `export interface Item {
  readonly name: string;
  readonly price: number;
}

export function totalPrice(items: readonly Item[]): number {
  let total = 0;
  for (const item of items) {
    total += item.price;
  }
  return total;
}

export function names(items: readonly Item[]): string[] {
  return items.map((item) => item.`;

let built: Built;
let grammars: string;
let client: TestClient;
beforeAll(async () => {
  built = await buildForTests({ server: 'language-server/main.ts', worker: 'language-server/worker.ts' });
  grammars = path.join(path.dirname(built.file('server')), 'grammars');
  mkdirSync(grammars);
  for (const file of ['web-tree-sitter/web-tree-sitter.wasm', ...new Set(Object.values(packages))]) {
    copyFileSync(path.join(root, 'node_modules', file), path.join(grammars, path.basename(file)));
  }
  client = await connect(bundle);
});
afterAll(async () => {
  const code = await client.stop();
  built.remove();
  expect(code).toBe(0);
});

function connect(defaultBundle: string): Promise<TestClient> {
  // The clock does not decide: a slow machine may take its time.
  const settings = { ...defaultSettings, budgetMs: 60_000, prepareNext: false, rescore: 'explicit' };
  return connectTo(built.file('server'), {
    initializationOptions: { settings, trusted: true, defaultBundle, grammars },
  });
}

/** The same weights, described as a model that only writes on. */
function writingOn(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'candor-writing-on-'));
  for (const name of readdirSync(bundle)) symlinkSync(path.join(bundle, name), path.join(folder, name));
  const file = path.join(folder, 'bundle.json');
  rmSync(file);
  const changed = { ...shipped, prompt: { ...shipped.prompt, fillInTheMiddle: null } };
  writeFileSync(file, JSON.stringify(changed));
  return folder;
}

test('loads, writes what parses at the cursor, and reads only what is new after a keystroke', async () => {
  const ready = await client.state('ready');
  expect(ready).toMatchObject({ model: shipped.name, device: 'cpu' });
  expect(client.states.some(({ kind }) => kind === 'loading')).toBe(true);

  client.open(uri, `${program}\n}\n`);
  const line = program.split('\n').length - 1;
  const character = program.split('\n').at(-1)!.length;
  const [item] = await client.ask(uri, { line, character });
  expect(item, client.log.join('\n')).toBeDefined();
  const text = item!.insertText as string;
  expect(text.trim()).not.toBe('');

  const typed = text.startsWith('i') ? 'x' : 'i';
  const at = { line, character };
  client.change(uri, { range: { start: at, end: at }, text: typed });
  await client.ask(uri, { line, character: character + 1 });
  const costs = client.log
    .map((entry) => /prompt (\d+) tokens, (\d+) reused/.exec(entry))
    .filter((match) => match !== null);
  expect(costs.length, client.log.join('\n')).toBe(2);
  const [, prompt, reused] = costs[1]!.map(Number);
  expect(prompt! - reused!).toBeLessThanOrEqual(8);
});

test('gives several suggestions when asked, the first one first', async () => {
  // A place where much may follow: where the model is sure of one thing, one suggestion is all there is.
  const open = 'file:///project/parse.ts';
  client.open(open, 'export function parse(text: string) {\n  return text.\n}\n');
  const at = { line: 1, character: 14 };
  const automatic = await client.ask(open, at);
  const several = await client.ask(open, at, { explicit: true });
  expect(several.length, client.log.join('\n')).toBeGreaterThan(1);
  if (automatic.length > 0) expect(several[0]).toEqual(automatic[0]);
});

test('a model that only writes on writes no body of its own where one follows the cursor, when asked', async () => {
  const folder = writingOn();
  const other = await connect(folder);
  await other.state('ready');
  const account = 'file:///project/account.py';
  const text =
    'class Account:\n    def __init__(self):\n        self.balance = 0\n\n    \n' +
    '        self.balance += amount\n        return self.balance\n';
  other.open(account, text, 'python');
  const [item] = await other.ask(account, { line: 4, character: 4 }, { explicit: true });
  expect(await other.stop()).toBe(0);
  rmSync(folder, { recursive: true });
  expect(item?.insertText, other.log.join('\n')).toMatch(/^def \w+\(self.*:$/);
  const entry = other.log.findLast((logged) => logged.includes('account.py'))!;
  expect(entry).toMatch(/of them for rescoring by [1-9]\d* tokens/);
  expect(entry).toContain('(joins');
});

test('completes a Python file with CRLF and tabs in its own style', async () => {
  const python = fileURLToPath('file:///project/area.py');
  const where = `file://${python}`;
  client.open(where, 'class Box:\r\n\tdef area(self):\r\n\t\treturn self.width * ', 'python');
  const [item] = await client.ask(where, { line: 2, character: 22 }, { explicit: true });
  expect(item, client.log.join('\n')).toBeDefined();
  expect(item!.insertText as string).not.toMatch(/(^|[^\r])\n/);
});

test('reads the text around a resting cursor ahead, so that the first request there finds it read', async () => {
  await client.state('ready');
  const other = 'file:///project/ahead.py';
  const text = Array.from({ length: 40 }, (_, n) => `def step_${n}(value):\n    return value + ${n}\n`).join(
    '\n',
  );
  client.open(other, `${text}\ndef last(value):\n    return `, 'python');
  const line = text.split('\n').length + 1;
  const at = { line, character: 11 };
  await client.connection.sendNotification('candor/cursor', { uri: other, ...at });
  await expect
    .poll(() => client.log.filter((entry) => entry.includes('read ahead')), { timeout: 60_000 })
    .toHaveLength(1);
  await client.ask(other, at);
  const entry = client.log.findLast((logged) => logged.includes('ahead.py') && logged.includes('reused'))!;
  const [, prompt, reused] = /prompt (\d+) tokens, (\d+) reused/.exec(entry)!.map(Number);
  expect(entry).not.toContain('read ahead');
  expect(prompt!).toBeGreaterThan(300);
  expect(prompt! - reused!).toBeLessThanOrEqual(2);
});
