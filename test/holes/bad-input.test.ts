/** What calibration does with folders, engines and disks as they should not be: words, nothing lost, no empty promise. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { calibrateFolder, type Calibration } from '../../language-server/completion/calibrate-folder.js';
import { calibrationPage } from '../../language-server/completion/calibration-page.js';
import { EngineFailure, type Writer } from '../../language-server/decoding/write-request.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { readCalibration } from '../../language-server/holes/calibration-file.js';
import { grammarOf } from '../support/grammars.js';
import { engineOf, scriptedWriter } from '../support/scripted-writer.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'candor-bad-input-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

let folder = '';
let home = '';
let runs = 0;
beforeEach(() => {
  folder = path.join(scratch, `folder-${++runs}`);
  home = path.join(scratch, `home-${runs}`);
  mkdirSync(folder);
});

const source = (i: number) => `export function f${i}(): void {\n  call(alpha, ${i});\n}\n`;
const write = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text);
};
const files = (count: number) => {
  for (let i = 0; i < count; i++) write(`f${i}.ts`, source(i));
};

/** Writes what stands there, so that nothing is ever wrong. */
const knowing = (): Writer => scriptedWriter([{ after: '', drafts: ['call(alpha, 1);'] }]);

const run = (writer: Writer, more: Partial<Calibration> = {}) =>
  calibrateFolder(
    {
      ...{ folder, home, engine: engineOf(writer), settings: defaultSettings, holes: 2 },
      ...{ epsilons: [0.2], places: 50, languageOf: (id: string) => grammarOf(id) },
      ...more,
    },
    new AbortController().signal,
    () => undefined,
  );
const page = async (writer: Writer) => calibrationPage(folder, 2, await run(writer));
const kept = () => readdirSync(home, { recursive: true, encoding: 'utf8' });

describe('no places', () => {
  test.each([
    ['an empty folder', () => undefined],
    [
      'files of no language we know',
      () => {
        write('a.txt', 'call(1)');
      },
    ],
    [
      'files that do not parse, hold no text, or are other people’s',
      () => {
        write('a.ts', 'function ( {\n  x;\n}\n');
        write('b.ts', '');
        write('c.ts', `const a = '\0';\nconst b = 1;\n`);
        write('d.min.js', 'call(1);\ncall(2);\n');
        mkdirSync(path.join(folder, 'node_modules'));
        write('node_modules/e.ts', source(1));
      },
    ],
  ])('%s: says so, and keeps nothing', async (_, prepare) => {
    prepare();
    expect(await page(knowing())).toContain(
      'no file here that a calibration could use. **Nothing is promised.**',
    );
    expect(() => kept()).toThrow(/ENOENT/);
  });

  test('one file: too few places are refused with the number missing, and what was judged is kept', async () => {
    files(1);
    const markdown = await page(knowing());
    expect(markdown).toMatch(/\| typescript \| 0\.2 \| 0\.1 \| 1: 10 more are needed \| none \|/);
    expect(markdown).toContain('**Nothing is promised**');
    expect(markdown).toContain('There is no picture');
    expect(kept()).toEqual([expect.stringMatching(/^places-scripted-.*\.jsonl$/)]);
    // With more files the next run asks about those alone.
    files(11);
    const writer = scriptedWriter([{ after: '', drafts: ['call(alpha, 1);'] }]);
    const { file } = await run(writer);
    expect(writer.requests).toHaveLength(10);
    expect(kept()).toEqual(['calibration.json']);
    expect(readCalibration(readFileSync(file!, 'utf8'))).toMatchObject({ promises: [{ places: 11 }] });
  });
});

describe('an interruption', () => {
  test('by an engine that breaks leaves all that was judged, and the end is as without it', async () => {
    files(30);
    const whole = await run(knowing());
    const expected = readFileSync(whole.file!, 'utf8');
    rmSync(home, { recursive: true });
    let asked = 0;
    const breaking: Writer = {
      write: (request, signal) => {
        if (asked++ === 12) return Promise.reject(new EngineFailure('The model is gone. Start it again.'));
        return knowing().write(request, signal);
      },
    };
    await expect(run(breaking)).rejects.toThrow('The model is gone. Start it again.');
    const [unfinished] = kept();
    // A crash may cut the last line off.
    appendFileSync(path.join(home, unfinished!), '\n{"id":"half a li');
    const writer = scriptedWriter([{ after: '', drafts: ['call(alpha, 1);'] }]);
    const { file } = await run(writer);
    expect(writer.requests).toHaveLength(30 - 12);
    expect(readFileSync(file!, 'utf8')).toBe(expected);
  });

  test('leaves an earlier calibration as it was', async () => {
    files(20);
    const { file } = await run(knowing());
    const before = readFileSync(file!, 'utf8');
    const broken: Writer = { write: () => Promise.reject(new EngineFailure('Gone.')) };
    await expect(run(broken)).rejects.toThrow('Gone.');
    expect(readFileSync(file!, 'utf8')).toBe(before);
  });
});

test('a model that is always wrong gets no promise, and the page says not attainable', async () => {
  files(40);
  const wrong = scriptedWriter([
    { after: '', drafts: ['other(thing);'], tokens: [['other(thing);', -1e-6]] },
  ]);
  const markdown = await page(wrong);
  expect(markdown).toMatch(/\| typescript \| 0\.2 \| 0\.1 \| 40 \| none: not attainable \| – \| – \|/);
});

test('a disk that cannot be written is an error with its name, not a calibration', async () => {
  files(3);
  writeFileSync(home, 'a file in the way');
  await expect(run(knowing())).rejects.toThrow(home);
});
