/** What the command line understands, and what it says to the rest. */
import { describe, expect, test } from 'vitest';
import { readArguments } from '../../cli/arguments.js';
import { languageIdOf, parsePlace, parsePlaceLine } from '../../cli/place.js';
import { WrongArguments } from '../../cli/wrong-arguments.js';

describe('arguments', () => {
  test('a place with all flags', () => {
    const line =
      'complete a.ts:3:4 --json --automatic --bundle b --device cpu --language tsx --exit 12 --no-speculation --no-syntax';
    expect(
      readArguments([
        ...line.split(' '),
        '--drafts',
        '3',
        '--seed=7',
        '--max-tokens',
        '20',
        '--threads',
        '2',
      ]),
    ).toEqual({
      kind: 'complete',
      place: 'a.ts:3:4',
      options: {
        json: true,
        automatic: true,
        bundle: 'b',
        device: 'cpu',
        language: 'tsx',
        exit: 12,
        speculation: false,
        syntax: false,
        drafts: 3,
        seed: 7,
        maxTokens: 20,
        threads: 2,
      },
    });
  });

  test('nothing given means nothing decided', () => {
    expect(readArguments(['complete', '--stdin'])).toEqual({
      kind: 'complete-stdin',
      options: { json: false, automatic: false, device: 'auto', speculation: true, syntax: true },
    });
    expect(readArguments(['demo'])).toMatchObject({ kind: 'demo' });
    expect(readArguments(['demo', 'a.py:1:1'])).toMatchObject({ kind: 'demo', place: 'a.py:1:1' });
    expect(
      readArguments(['complete', 'a.ts:1:1', '--exits', 'controller:.7:.9', '--stop', 'eager']),
    ).toMatchObject({
      options: { exits: { rule: 'controller', at: 0.7, stopAt: 0.9 }, stop: 'eager' },
    });
    expect(readArguments(['complete', 'a.ts:1:1', '--exits', 'margin:.7,propagated'])).toMatchObject({
      options: { exits: { rule: 'margin', at: 0.7, skipped: 'propagated' } },
    });
    expect(readArguments(['devices', '--bundle', 'b'])).toMatchObject({ kind: 'devices' });
    expect(readArguments(['models', 'calibrate', 'm', 'src', '--places', '20'])).toMatchObject({
      kind: 'models-calibrate',
      name: 'm',
      folder: 'src',
      options: { bundle: 'm', places: 20 },
    });
    expect(readArguments(['--help'])).toEqual({ kind: 'help' });
    expect(readArguments(['complete', '--version'])).toEqual({ kind: 'version' });
  });

  test.each([
    ['', /complete, calibrate, fit-stop, devices, demo or models/],
    ['complete a.ts:1:1 --rescore often', /--rescore needs off, explicit, always, not "often"/],
    ['complete a.ts:1:1 --exits deep', /--exits needs full, controller.*not "deep"/],
    ['complete a.ts:1:1 --exits entropy', /--exits needs/],
    ['complete a.ts:1:1 --exits full,propagated', /--exits needs/],
    ['complete a.ts:1:1 --exits controller:.5,guessed', /--exits needs/],
    ['complete a.ts:1:1 --exit 6 --exits full', /exclude each other/],
    ['complete a.ts:1:1 --stop late', /--stop needs off, cautious, balanced, eager, not "late"/],
    ['fit-stop', /which folder: candor fit-stop/],
    ['finish', /no command finish/],
    ['complete', /FILE:LINE:COLUMN/],
    ['complete a.ts:1:1 b.ts:1:1', /b\.ts:1:1 is too much/],
    ['complete a.ts:1:1 --stdin', /without a place/],
    ['demo --stdin', /complete alone/],
    ['complete a.ts:1:1 --device abacus', /device abacus is not supported; there is auto, cpu, webgpu/],
    ['devices a.ts:1:1', /takes no place/],
    ['complete a.ts:1:1 --drafting trees', /There is no --drafting trees; there are branches, superposed/],
    ['complete a.ts:1:1 --drafts 0', /--drafts needs a whole number from 1 to 16, not "0"/],
    ['complete a.ts:1:1 --exit deep', /--exit needs a whole number from 1, not "deep"/],
    ['complete a.ts:1:1 --seed 1.5', /--seed/],
    ['complete a.ts:1:1 --max-tokens 1e9', /--max-tokens/],
    ['models calibrate m src --places few', /--places needs a whole number/],
    ['complete a.ts:1:1 --loud', /--loud/],
    ['complete a.ts:1:1 --bundle', /--bundle/],
  ])('%j is refused with a sentence', (line, message) => {
    const read = (): unknown => readArguments(line === '' ? [] : line.split(' '));
    expect(read).toThrow(WrongArguments);
    expect(read).toThrow(message);
  });
});

describe('places', () => {
  test('are FILE:LINE:COLUMN, whatever the file is called', () => {
    expect(parsePlace('a:b/c.ts:12:3')).toEqual({ file: 'a:b/c.ts', line: 12, column: 3 });
    expect(parsePlace('C:\\x y.ts:1:1')).toEqual({ file: 'C:\\x y.ts', line: 1, column: 1 });
  });

  test('or JSON', () => {
    expect(parsePlaceLine('{"file":"a.ts","line":2,"column":3,"text":"x\\ny"}')).toEqual({
      file: 'a.ts',
      line: 2,
      column: 3,
      text: 'x\ny',
    });
  });

  test.each([
    'a.ts',
    'a.ts:1',
    'a.ts:0:1',
    'a.ts:1:0',
    ':1:1',
    'a.ts:1:-1',
    '{',
    '{"file":"a"}',
    '{"file":"a","line":0,"column":1}',
    '{"file":"a","line":1,"column":1,"x":1}',
  ])('%j is not a place', (line) => {
    expect(() => parsePlaceLine(line)).toThrow(WrongArguments);
  });

  test('know their language by the name of the file', () => {
    expect(['a.ts', 'a.tsx', 'B.PY', 'a.mjs', 'a.jsx', 'LICENSE'].map(languageIdOf)).toEqual([
      'typescript',
      'typescriptreact',
      'python',
      'javascript',
      'javascriptreact',
      'plaintext',
    ]);
  });
});
