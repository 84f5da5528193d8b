/** The analysis servers that ship, over real projects: in order, in disorder, and none at all. */
import { symlinkSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isNames, type Answer } from '../../../language-server/monitors/questions.js';
import type { AnalysisOptions } from '../../../language-server/monitors/servers/analysis-servers.js';
import { analysisOf, type Bench } from '../../support/analysis-of.js';
import { builtServer } from '../../support/built-json-server.js';

const benches: Bench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
});
beforeAll(builtServer);

function bench(files: Readonly<Record<string, string>>, options: Partial<AnalysisOptions> = {}): Bench {
  const made = analysisOf(files, options);
  benches.push(made);
  return made;
}

/** The names that may stand there, sorted; or why none are known. */
function namesIn(answer: Answer): readonly string[] | Answer {
  return isNames(answer) && answer.complete ? answer.names.map(({ text }) => text).sort() : answer;
}

const tsconfig = JSON.stringify({
  compilerOptions: { strict: true, target: 'es2022', module: 'nodenext', lib: ['es2022'] },
  include: ['src'],
});
const ledger =
  'export class Ledger { enter(who: string, cents = 0): this { return this; } private rows = []; }\n';
const use = "import { Ledger } from './ledger.js';\nconst ledger = new Ledger();\n";
const project = { 'tsconfig.json': tsconfig, 'src/ledger.ts': ledger };

describe('TypeScript', () => {
  test('members, exports, arguments and errors of a project', async () => {
    const { ask } = bench(project);
    expect(namesIn(await ask('members', 'src/a.ts', `${use}ledger.▮\n`))).toEqual(['enter']);
    expect(namesIn(await ask('members', 'src/a.ts', `${use}ledger.▮x\n`))).toEqual(['enter']);
    expect(namesIn(await ask('exports', 'src/a.ts', "import { ▮ } from './ledger.js';\n"))).toEqual([
      'Ledger',
    ]);
    expect(await ask('signatures', 'src/a.ts', `${use}ledger.enter(▮)\n`)).toEqual({
      signatures: [
        {
          parameters: [
            { name: 'who', optional: false },
            { name: 'cents', optional: true },
          ],
        },
      ],
      complete: true,
    });
    const wrong = await ask('diagnostics', 'src/a.ts', `${use}▮\n`, 'ledger.entr("a");');
    expect(wrong).toMatchObject({ added: [{ start: 7, end: 11, severity: 'error' }] });
    expect(await ask('diagnostics', 'src/a.ts', `${use}▮\n`, 'ledger.enter("a");')).toEqual({ added: [] });
    // The name stays where only arguments are lacking.
    const lack = await ask('diagnostics', 'src/a.ts', `${use}▮\n`, 'ledger.enter();');
    expect(lack).toMatchObject({ added: [{ start: 13, end: 14 }] });
    // Nor is it the name's fault that it is called.
    const call = await ask('diagnostics', 'src/a.ts', 'const book = { size: 1 };\nbook.▮\n', 'size();');
    expect(call).toMatchObject({ added: [{ start: 4, end: 5 }] });
    const value = await ask('diagnostics', 'src/a.ts', 'const book = { size: 1 };\nbook.▮\n', "size = '1';");
    expect(value).toMatchObject({ added: [{ start: 7, end: 10 }] });
    const attribute =
      'declare global { namespace JSX { interface IntrinsicElements { b: { on?: (n: number) => void } } } }\n';
    const attributed = (written: string) =>
      ask('diagnostics', 'src/b.tsx', `${attribute}export const b = <b ▮ />;\n`, written);
    expect(await attributed('on={5}')).toMatchObject({ added: [{ start: 3, end: 6 }] });
    expect(await attributed('of={5}')).toMatchObject({ added: [{ start: 0, end: 2 }] });
    const assigned = await ask('diagnostics', 'src/a.ts', `${use}ledger.▮\n`, 'enter = true;');
    expect(assigned).toMatchObject({ added: [{ start: 6, end: 7 }] });
  });

  test('what takes other names too is not said to be complete', async () => {
    const { ask } = bench(project);
    const open =
      'interface Open { a?: string; [key: string]: string | undefined }\ndeclare const open: Open;\n';
    expect(await ask('members', 'src/a.ts', `${open}open.▮\n`)).toMatchObject({ complete: false });
    expect(await ask('members', 'src/a.ts', 'declare const any: any;\nany.▮\n')).toHaveProperty('unknown');
    const keys = (type: string) => ask('keys', 'src/a.ts', `const q: ${type} = { ▮ };\n`);
    expect(namesIn(await keys('{ a: number; b?: string }'))).toEqual(['a', 'b']);
    expect(await keys('{ a: number; [key: string]: number }')).toMatchObject({ complete: false });
    const strings = (type: string) => ask('strings', 'src/a.ts', `const q: ${type} = '▮';\n`);
    expect(namesIn(await strings("'x' | 'y'"))).toEqual(['x', 'y']);
    expect(await strings("'x' | (string & {})")).toMatchObject({ complete: false });
  });

  test('errors everywhere: only those that a draft adds count', async () => {
    const broken = `${Array.from({ length: 300 }, (_, i) => `nosuch${i}.thing(;`).join('\n')}\n`;
    const { ask } = bench({ ...project, 'src/broken.ts': broken });
    expect(namesIn(await ask('members', 'src/broken.ts', `${use}${broken}ledger.▮\n`))).toEqual(['enter']);
    const added = (written: string) => ask('diagnostics', 'src/broken.ts', `${use}${broken}▮\n`, written);
    expect(await added('ledger.enter("a");')).toEqual({ added: [] });
    expect(await added('ledger.entr("a");')).toMatchObject({ added: [{ start: 7 }] });
  });

  test('errors that an unfinished line hides are not the fault of what ends it', async () => {
    const { ask } = bench(project);
    const place = `${use}function first() {\n  return \`\${ledger.▮\n}\nconst second: number = 'two';\n`;
    const added = (written: string) => ask('diagnostics', 'src/a.ts', place, written);
    expect(await added('enter("a")}`;')).toEqual({ added: [] });
    expect(await added('entr("a")}`;')).toMatchObject({ added: [{ start: 0, end: 4 }] });
    // A line that is whole hides nothing: what is wrong without it is its own doing.
    const declared = 'class Book {\n  size▮\n  f(): number { return this.size; }\n}\n';
    expect(await ask('diagnostics', 'src/a.ts', declared, 'Of = 1;')).toMatchObject({
      added: [{ message: expect.stringContaining("'size' does not exist") as string }],
    });
  });

  test('no project at all, and a file outside the workspace', async () => {
    const without = bench({ 'ledger.ts': ledger });
    const local = `${ledger}const ledger = new Ledger();\n`;
    expect(namesIn(await without.ask('members', 'a.ts', `${local}ledger.▮\n`))).toEqual(['enter']);
    const elsewhere = bench({ 'ledger.ts': ledger });
    const file = path.join(elsewhere.folder, 'a.ts');
    expect(namesIn(await without.ask('members', file, `${local}ledger.▮\n`))).toEqual(['enter']);
  });

  test('an older TypeScript that a trusted workspace pins is the one that is asked', async () => {
    const { ask, folder, servers } = bench(project);
    mkdirSync(path.join(folder, 'node_modules'));
    const installed = path.resolve(import.meta.dirname, '../../../node_modules/typescript');
    symlinkSync(installed, path.join(folder, 'node_modules/typescript'));
    expect(namesIn(await ask('members', 'src/a.ts', `${use}ledger.▮\n`))).toEqual(['enter']);
    expect(await ask('diagnostics', 'src/a.ts', `${use}▮\n`, 'ledger.entr("a");')).toMatchObject({
      added: [{ start: 7, end: 11, severity: 'error' }],
    });
    expect(servers.names()).toEqual(['tsserver']);
    const wary = bench(project, { trusted: () => false, folders: () => [folder] });
    await wary.ask('members', path.join(folder, 'src/a.ts'), `${use}ledger.▮\n`);
    expect(wary.servers.names()).toEqual(['typescript']);
    // A folder above the workspace is not what the user trusts.
    const inner = bench(project, { folders: () => [path.join(folder, 'src')] });
    await inner.ask('members', path.join(folder, 'src/a.ts'), `${use}ledger.▮\n`);
    expect(inner.servers.names()).toEqual(['typescript']);
  });

  test('files that change on the disk are read again', async () => {
    const { ask, folder, servers } = bench(project);
    const place = `${use}ledger.▮\n`;
    expect(namesIn(await ask('members', 'src/a.ts', place))).toEqual(['enter']);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path.join(folder, 'src/ledger.ts'), 'export class Ledger { post(): void {} }\n');
    servers.filesChanged([{ uri: `file://${folder}/src/ledger.ts`, type: 2 }]);
    await expect.poll(async () => namesIn(await ask('members', 'src/a.ts', place))).toEqual(['post']);
  });
});

describe('Python', () => {
  const py =
    'class Ledger:\n    def enter(self, who: str, cents: int = 0) -> "Ledger":\n        return self\n';
  test('members, arguments and errors', async () => {
    const { ask } = bench({ 'ledger.py': py, 'pyproject.toml': '' });
    const here = 'from ledger import Ledger\nledger = Ledger()\n';
    expect(namesIn(await ask('members', 'a.py', `${here}ledger.▮\n`))).toContain('enter');
    expect(await ask('signatures', 'a.py', `${here}ledger.enter(▮)\n`)).toMatchObject({
      signatures: [
        {
          parameters: [
            { name: 'who', optional: false },
            { name: 'cents', optional: true },
          ],
        },
      ],
    });
    const added = await ask('diagnostics', 'a.py', `${here}▮\n`, 'ledger.entr("a")');
    expect(added).toMatchObject({ added: [{ start: 7, end: 11, severity: 'error' }] });
    const lack = await ask('diagnostics', 'a.py', `${here}▮\n`, 'ledger.enter()');
    expect(lack).toMatchObject({ added: [{ start: 13, end: 14 }] });
    const call = await ask('diagnostics', 'a.py', 'class Book:\n    size = 1\n\nBook().▮\n', 'size()');
    expect(call).toMatchObject({ added: [{ start: 4, end: 5 }] });
  });

  test('errors that an unfinished line hides are not the fault of what ends it', async () => {
    const { ask } = bench({ 'pyproject.toml': '' });
    const place = `${py}
class Book:
    def first(self, ledger: Ledger) -> Ledger:
        return [ledger, ledger][self.at▮
    at: int = 0
    def second(self) -> int:
        return 'two'
`;
    const added = (written: string) => ask('diagnostics', 'a.py', place, written);
    expect(await added(']')).toEqual({ added: [] });
    expect(await added('h]')).toMatchObject({
      added: [{ message: expect.stringContaining('ath') as string }],
    });
  });

  test('a receiver that takes any name is not said to be complete', async () => {
    const { ask } = bench({});
    const dynamic = 'class Any:\n    known: int = 1\n    def __getattr__(self, name: str) -> int: ...\n';
    expect(await ask('members', 'a.py', `${dynamic}Any().▮\n`)).toMatchObject({ complete: false });
  });
});

describe('JSON', () => {
  const schema = JSON.stringify({
    type: 'object',
    additionalProperties: false,
    properties: { colour: { enum: ['red', 'green'] }, deep: { type: 'object', properties: { on: {} } } },
  });
  test('keys and values of the schema beside a file, and of one that it names', async () => {
    const { ask } = bench({ 'a.schema.json': schema, 'other.json': schema });
    expect(namesIn(await ask('json-keys', 'a.json', '{ "▮'))).toEqual(['colour', 'deep']);
    expect(namesIn(await ask('json-values', 'a.json', '{ "colour": ▮ }'))).toEqual(['"green"', '"red"']);
    expect(await ask('json-keys', 'a.json', '{ "deep": { "▮": 1 } }')).toMatchObject({ complete: false });
    const named = '{ "$schema": "./other.json", "colour": ▮ }';
    expect(namesIn(await ask('json-values', 'b.json', named))).toEqual(['"green"', '"red"']);
  });

  test('nothing is fetched', async () => {
    const { ask } = bench({});
    const remote = '{ "$schema": "https://json.schemastore.org/package.json", "▮';
    expect(await ask('json-keys', 'a.json', remote)).toHaveProperty('unknown');
  });
});
