/** What the command line prints, over a writer that says what a script says: the JSON form, bad lines, readable text. */
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readArguments, type Options } from '../../cli/arguments.js';
import { completeLines, completeOne, openPlace } from '../../cli/complete.js';
import type { CompleteJson } from '../../cli/complete-json.js';
import { completerOver, type PlaceCompleter } from '../../cli/completer.js';
import { colours, marks, readable } from '../../cli/readable.js';
import { EngineFailure } from '../../language-server/inference/engine-failure.js';
import { engineOf, scriptedWriter } from '../support/scripted-writer.js';

const rules = [
  { after: 'return ', drafts: ['a + b;', 'b + a;'] },
  { after: 'const x = ', drafts: ['[1,\n  2];'] },
];

function given(...flags: readonly string[]): {
  readonly options: Options;
  readonly completer: PlaceCompleter;
} {
  const command = readArguments(['complete', '--stdin', ...flags]);
  if (command.kind !== 'complete-stdin') throw new Error('unexpected');
  const engine = engineOf(scriptedWriter(rules));
  return {
    options: command.options,
    completer: completerOver(engine, command.options, () => Promise.resolve()),
  };
}

const add = 'function add(a, b) {\n  return \n}\n';
const place = (line: number, column: number, text = add): string =>
  JSON.stringify({ file: 'add.js', line, column, text });

async function answers(lines: readonly string[], ...flags: readonly string[]): Promise<readonly unknown[]> {
  const { options, completer } = given(...flags);
  const printed: string[] = [];
  const input = Readable.from([lines.join('\n')]);
  await completeLines(input, completer, options, (text) => printed.push(text));
  return printed.map((line) => {
    expect(line.endsWith('\n')).toBe(true);
    expect(line.trimEnd()).not.toContain('\n');
    return JSON.parse(line) as unknown;
  });
}

describe('the JSON form', () => {
  test('of suggestions', async () => {
    const [answer] = await answers([place(2, 10)]);
    expect(answer).toEqual({
      items: [
        {
          text: 'a + b;',
          range: { start: { line: 2, column: 10 }, end: { line: 2, column: 10 } },
          logProb: -1,
          tokens: [{ text: 'a + b;', logProb: -1, exit: 30 }],
          ending: 'line',
        },
        {
          text: 'b + a;',
          range: { start: { line: 2, column: 10 }, end: { line: 2, column: 10 } },
          logProb: -2,
          tokens: [{ text: 'b + a;', logProb: -2, exit: 30 }],
          ending: 'line',
        },
      ],
      silence: null,
      cost: { promptTokens: 7, reusedTokens: 5, steps: 3, promptMs: 1, decodeMs: 2, totalMs: 3 },
      trace: [],
      bundle: 'scripted',
      device: 'none',
    });
  });

  test('of a silence', async () => {
    const [answer] = (await answers([place(1, 1)])) as readonly CompleteJson[];
    expect(answer).toMatchObject({ items: [], silence: { reason: 'ended-at-once' } });
    expect(answer!.silence!.detail).toMatch(/\.$/);
  });

  test.each([
    [99, 1],
    [2, 11],
    [5, 1],
  ])('of a position outside the text: %i:%i', async (line, column) => {
    const [answer] = await answers([place(line, column)]);
    expect(answer).toMatchObject({ items: [], silence: { reason: 'no-document' }, trace: [] });
  });

  test('of a position inside a character', async () => {
    const [inside, behind] = await answers([place(1, 2, '😀'), place(1, 3, '😀')]);
    expect(inside).toMatchObject({ silence: { reason: 'no-document' } });
    expect(behind).toMatchObject({ silence: { reason: 'ended-at-once' } });
  });

  test('with --drafts and with --automatic', async () => {
    const [one] = (await answers([place(2, 10)], '--drafts', '1')) as readonly CompleteJson[];
    expect(one!.items.map(({ text }) => text)).toEqual(['a + b;']);
    const [automatic] = (await answers([place(2, 10)], '--automatic')) as readonly CompleteJson[];
    expect(automatic!.items.map(({ text }) => text)).toEqual(['a + b;']);
    const prose = JSON.stringify({ file: 'add.md', line: 2, column: 10, text: add });
    const [asked] = (await answers([prose])) as readonly CompleteJson[];
    expect(asked!.items[0]?.text).toBe('a + b;');
    const [unasked] = (await answers([prose], '--automatic')) as readonly CompleteJson[];
    expect(unasked!.silence?.reason).toBe('language-off');
    const [inWord] = (await answers([place(1, 11)], '--automatic')) as readonly CompleteJson[];
    expect(inWord!.silence?.reason).toBe('mid-word');
  });

  test('with the line ends of the file', async () => {
    const [answer] = (await answers([place(1, 11, 'const x = \r\n')])) as readonly CompleteJson[];
    expect(answer!.items[0]!.text).toBe('[1,\r\n  2];');
  });
});

describe('--stdin', () => {
  test('answers every line in its order, bad ones with an error', async () => {
    const lines = [
      place(2, 10),
      'nonsense',
      '',
      '{"file":',
      '{"file":"a.ts","line":0,"column":1}',
      'no/such.ts:1:1',
      place(1, 1),
    ];
    const all = (await answers(lines)) as readonly (CompleteJson | { readonly error: string })[];
    expect(all.map((one) => ('error' in one ? one.error : (one.silence?.reason ?? 'items')))).toEqual([
      'items',
      '"nonsense" is not FILE:LINE:COLUMN, both counted from 1.',
      'The line begins like JSON but is not JSON.',
      expect.stringMatching(/^The place is wrong: line: /),
      'The file no/such.ts does not exist.',
      'ended-at-once',
    ]);
  });

  test('ends when the engine breaks, instead of answering on', async () => {
    const { options } = given();
    const engine = engineOf({ write: () => Promise.reject(new EngineFailure('The engine is gone.')) });
    const completer = completerOver(engine, options, () => Promise.resolve());
    const lines = completeLines(Readable.from([place(2, 10)]), completer, options, () => undefined);
    await expect(lines).rejects.toThrow('The engine is gone.');
  });
});

describe('readable text', () => {
  const open = { place: { file: 'add.js', line: 2, column: 10 }, text: add, languageId: 'javascript' };

  test('shows the lines before the cursor, each suggestion in its place, and the cost', async () => {
    const { completer, options } = given();
    let printed = '';
    await completeOne(open, completer, options, (text) => (printed += text));
    expect(printed).toContain('add.js:2:10\n');
    expect(printed).toContain(' 1 │ function add(a, b) {\n');
    expect(printed).toContain(' 2 │   return ⟦a + b;⟧\n');
    expect(printed).toContain(' 2 │   return ⟦b + a;⟧\n');
    expect(printed).toContain('7 prompt tokens, 5 of them reused, in 1 ms; 3 steps in 2 ms');
  });

  test('says why there is none', async () => {
    const { completer } = given();
    const silent = { ...open, place: { ...open.place, line: 1, column: 1 } };
    const text = readable(silent.place, add, await completer.complete(silent), marks);
    expect(text).toContain('No suggestion (ended-at-once): ');
  });

  test('uses colours instead of marks where there are any', async () => {
    const { completer } = given();
    const text = readable(open.place, add, await completer.complete(open), colours);
    expect(text).toContain('a + b;');
    expect(text).not.toContain('⟦');
  });
});

describe('places', () => {
  test('take their language from the flag, else from the line, else from the name', async () => {
    const { options } = given();
    const at = { file: 'a.py', line: 1, column: 1, text: '' };
    expect((await openPlace(at, options)).languageId).toBe('python');
    expect((await openPlace({ ...at, language: 'go' }, options)).languageId).toBe('go');
    expect((await openPlace({ ...at, language: 'go' }, given('--language', 'tsx').options)).languageId).toBe(
      'tsx',
    );
  });
});
