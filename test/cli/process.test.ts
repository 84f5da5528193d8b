/** The built program as a process: exit codes, streams, one model for many lines, equal answers. Needs `npm run build`. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompleteJson } from '../../cli/complete-json.js';
import { parseBundle } from '../../language-server/inference/bundle.js';

const root = path.resolve(import.meta.dirname, '../..');
const program = path.join(root, 'dist/cli.mjs');

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Promise<Run> {
  return runAt(os.homedir(), ...args);
}

/** As `run`, for a user whose home is elsewhere. */
function runAt(home: string, ...args: readonly string[]): Promise<Run> {
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home };
  delete env.ORT_DISABLE_TELEMETRY;
  delete env.XDG_CACHE_HOME;
  return new Promise((resolve) => {
    const where = { cwd: root, env };
    const child = execFile(process.execPath, [program, ...args], where, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'candor-cli-'));
  writeFileSync(path.join(folder, 'add.py'), 'def add(first, second):\n    return first + \n');
  writeFileSync(path.join(folder, 'marked.py'), '\uFEFFdef add(first, second):\r\n    return first + \r\n');
  writeFileSync(path.join(folder, 'wide.js'), `const a = '${'x'.repeat(100_000)}';\n`);
  writeFileSync(path.join(folder, 'binary.py'), new Uint8Array(64));
  writeFileSync(
    path.join(folder, 'other.py'),
    'import os\n\nx = os.getcwd()\nfunction add(first, second) \n',
  );
  writeFileSync(
    path.join(folder, 'inside.js'),
    'function go() {\n  const all = [1, 2, 3];\n  console.log(all.map((x) => \n  return all;\n}\n',
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('without a model', () => {
  test('--help and --version print and succeed', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, stderr: '' });
    expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [[], /^Say what to do/],
    [['complete', 'a.py'], /is not FILE:LINE:COLUMN/],
    [['complete', 'no/such/file.py:1:1'], /^The file no\/such\/file\.py does not exist\.\n/],
    [['complete', '.:1:1'], /is a folder/],
    [['complete', 'a.py:1:1', '--device', 'toaster'], /toaster/],
    [['complete', 'a.py:1:1', '--surprise'], /--surprise/],
  ])('%j is a wrong call: exit code 2, one sentence, nothing on stdout', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
  });

  test('a missing bundle is a failure: exit code 1, with the name of what is missing', async () => {
    const { code, stdout, stderr } = await run(
      'complete',
      `${folder}/add.py:2:20`,
      '--bundle',
      `${folder}/none`,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${folder}/none`);
    expect(stderr).not.toContain('    at ');
  });
});

describe('with the model that ships', () => {
  const file = path.join(root, 'models/smollm2-135m/bundle.json');
  const exits = parseBundle(readFileSync(file, 'utf8'), file).exits.map(({ layer }) => layer);

  test('one place: JSON of the documented form, the same each time', async () => {
    const ask = () => run('complete', `${folder}/add.py:2:20`, '--json', '--drafts', '1');
    const [first, second] = [await ask(), await ask()];
    expect(first.code, first.stderr).toBe(0);
    const answer = JSON.parse(first.stdout) as CompleteJson;
    const [item] = answer.items;
    expect(item!.text).toMatch(/^second\b/);
    expect(item!.range.start).toEqual({ line: 2, column: 20 });
    expect(item!.logProb).toBeLessThanOrEqual(0);
    expect(item!.logProb).toBeCloseTo(
      item!.tokens.reduce((sum, token) => sum + token.logProb, 0),
      5,
    );
    expect(answer).toMatchObject({ silence: null, device: 'cpu' });
    expect(answer.cost.promptTokens).toBeGreaterThan(5);
    expect((JSON.parse(second.stdout) as CompleteJson).items).toEqual(answer.items);
  });

  test('guessed tokens are read ahead: the same to the last bit, in fewer runs of the network', async () => {
    const line = (name: string) => `    ${name}: parseSetting(options.${name}, defaults.${name}),\n`;
    const lines = ['colour', 'width', 'height', 'depth'].map(line).join('');
    writeFileSync(
      path.join(folder, 'settings.ts'),
      `export function settingsOf(options: Options) {\n  return {\n${lines}    weight: \n  };\n}\n`,
    );
    const ask = async (...more: readonly string[]): Promise<CompleteJson> => {
      const place = [`${folder}/settings.ts:7:13`, '--json', '--no-monitors'];
      const { code, stdout, stderr } = await run('complete', ...place, ...more);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as CompleteJson;
    };
    const ahead = await ask('--drafts', '1');
    const alone = await ask('--drafts', '1', '--no-speculation');
    expect(ahead.items).toEqual(alone.items);
    expect(ahead.items[0]!.text).toMatch(/^parseSetting/);
    expect(alone.cost.speculated).toBeUndefined();
    expect(ahead.cost.speculated!.held).toBeGreaterThan(2);
    expect(ahead.cost.steps).toBeLessThan(alone.cost.steps);
    // Several go different ways: none is read ahead.
    expect((await ask('--drafts', '2')).cost.speculated).toBeUndefined();
  });

  test('in WebAssembly, it writes what it writes natively', async () => {
    const ask = (device: string) =>
      run('complete', `${folder}/add.py:2:20`, '--json', '--drafts', '1', '--device', device);
    const [native, web] = [await ask('cpu'), await ask('wasm')];
    expect(web.code, web.stderr).toBe(0);
    const answers = [native, web].map(({ stdout }) => JSON.parse(stdout) as CompleteJson);
    expect(answers.map(({ device }) => device)).toEqual(['cpu', 'wasm']);
    for (const { items } of answers) expect(items[0]!.text).toMatch(/^second\b/);
    const [one, other] = answers.map(({ items }) => items[0]!.tokens[0]!.logProb);
    expect(Math.abs(one! - other!)).toBeLessThan(0.1);
  }, 600_000);

  test('the native library keeps no device id and reports nothing', async () => {
    const home = path.join(folder, 'home');
    mkdirSync(home);
    const { code } = await runAt(home, 'complete', `${path.join(folder, 'add.py')}:2:20`, '--json');
    expect(code).toBe(0);
    expect(existsSync(path.join(home, '.cache/Microsoft'))).toBe(false);
  });

  test('many places by --stdin: one line each, errors and silences among them', async () => {
    const child = spawn(process.execPath, [program, 'complete', '--stdin', '--drafts', '1'], { cwd: root });
    const lines = [
      `${folder}/add.py:2:20`,
      'what?',
      `${folder}/add.py:9:1`,
      `${folder}/marked.py:2:20`,
      `${folder}/wide.js:1:20`,
      `${folder}/binary.py:1:1`,
      JSON.stringify({
        file: `${folder}/new.py`,
        line: 2,
        column: 20,
        text: 'def add(first, second):\n    return first + \n',
      }),
    ];
    child.stdin.end(`${lines.join('\n')}\n`);
    const [stdout] = await Promise.all([
      text(child.stdout),
      new Promise((resolve) => child.once('close', resolve)),
    ]);
    expect(child.exitCode).toBe(0);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as CompleteJson | { readonly error: string });
    const told = answers.map((one) =>
      'error' in one ? 'error' : (one.silence?.reason ?? one.items[0]!.text.replace(/\W.*/s, '')),
    );
    expect(told).toEqual(['second', 'error', 'no-document', 'second', 'too-large', 'binary', 'second']);
  });

  test('a draft goes back where the grammar refuses most of what would come next, and the trace says so', async () => {
    const ask = async (...args: readonly string[]): Promise<CompleteJson['trace']> => {
      // Without monitors: their checks take drafts back too.
      const place = [`${folder}/other.py:4:29`, '--no-monitors', '--json', '--drafts', '1'];
      const { stdout } = await run('complete', ...place, ...args);
      return (JSON.parse(stdout) as CompleteJson).trace;
    };
    const back = (await ask()).find((entry) => entry.kind === 'backed-up');
    expect(back!.to).toBeLessThan(back!.at);
    expect(back!.removed).toBeGreaterThan(0.5);
    expect((await ask('--no-syntax')).some(({ kind }) => kind === 'backed-up')).toBe(false);
  });

  test('a draft that cannot end as it is is closed, and the trace says how likely that was', async () => {
    const place = `${folder}/inside.js:3:30`;
    const { stdout } = await run('complete', place, '--json', '--drafts', '1', '--max-tokens', '4');
    const { items, trace } = JSON.parse(stdout) as CompleteJson;
    expect(items[0]!.text).toMatch(/\)\);?$/);
    expect(JSON.stringify(trace)).toMatch(/Closed as .* by [\d.]+ % with what follows/);
  });

  test('an exit that the model does not have is a wrong argument', async () => {
    const { code, stderr } = await run('complete', `${folder}/add.py:2:20`, '--exit', '7');
    expect(code).toBe(2);
    expect(stderr).toContain(`has no exit at layer 7; it has ${exits.slice(0, 2).join(', ')}, `);
  });

  test('an exit that it has is where every token comes from', async () => {
    const exit = exits[1]!;
    const { stdout } = await run(
      'complete',
      `${folder}/add.py:2:20`,
      '--exit',
      `${exit}`,
      '--json',
      '--max-tokens',
      '4',
    );
    const { items } = JSON.parse(stdout) as CompleteJson;
    for (const token of items.flatMap((item) => item.tokens)) expect(token.exit).toBe(exit);
  });
});
