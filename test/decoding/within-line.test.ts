/** Ends inside a line: no end of the text at the end of a begun line, but before a comment. */
import { describe, expect, test } from 'vitest';
import { branches } from '../../language-server/decoding/drafting/branches.js';
import type { Decoding } from '../../language-server/decoding/decode.js';
import type { Grammars } from '../../language-server/decoding/grammars.js';
import { noGrammars } from '../../language-server/decoding/grammars.js';
import { noTable } from '../../language-server/decoding/ngrams/ngram-table.js';
import { write } from '../../language-server/decoding/write.js';
import { never } from '../../language-server/inference/cancellation.js';
import { monitoring } from '../../language-server/monitoring.js';
import { askNobody } from '../../language-server/decoding/answers.js';
import { languages } from '../../syntax/languages.js';
import { grammarOf } from '../support/grammars.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';
import { scriptedModel } from '../support/scripted-model.js';
import { toyToken, toyTokenizer } from '../support/toy-vocabulary.js';

const lines: Partial<Omit<Decoding, 'answers'>> = {
  endsWithLine: true,
  commentSigns: ['#'],
  endingRule: ({ text }) => (text.includes('\n') ? [{ ending: 'line', keep: text.indexOf('\n') }] : []),
};
const spellings = ['a', 'b', '#', ' #', ' ', '\n', '(', 'c'];

describe('before a comment', () => {
  /** After `a` the model ends by `end`, and begins a comment by `comment`, in one token or after a blank. */
  const script =
    (end: number, comment: number, blank = ''): TextScript =>
    (written) => {
      if (written === '') return { a: 0.9 };
      const next = blank === '' ? ' #' : blank;
      if (written === 'a') return { '<end>': end, [next]: comment, '\n': 1 - end - comment - 0.01 };
      if (written === `a${blank}` && blank !== '') return { ' #': 0.99 };
      return written.endsWith('#') ? { c: 0.99 } : { '\n': 0.99 };
    };

  test.each([
    ['in one token', ''],
    ['after a blank', ' '],
  ])('%s the text ends where the model finds the end likelier, and only there', async (_, blank) => {
    const ended = await runScript(spellings, script(0.5, 0.4, blank), lines);
    expect(ended.texts).toEqual(['a']);
    expect(ended.drafts[0]).toMatchObject({ ending: 'end-of-text', tokens: [{ text: 'a' }] });
    const commented = await runScript(spellings, script(0.4, 0.5, blank), lines);
    expect(commented.texts).toEqual([`a${blank} #c`]);
  });

  test('what is no comment goes on, however much the model would rather end', async () => {
    const call: TextScript = (written) =>
      ({ '': { a: 0.9 }, a: { '<end>': 0.99, '(': 0.009 }, 'a(': { b: 0.9 } })[written] ?? { '\n': 0.99 };
    expect((await runScript(spellings, call, lines)).texts).toEqual(['a(b']);
    const { texts } = await runScript(spellings, script(0.9, 0.08), { ...lines, commentSigns: [] });
    expect(texts).toEqual(['a #c']);
  });

  test('the end and one other way are two drafts; two comments are not', async () => {
    const ways: TextScript = (written) =>
      ({ '': { a: 0.9 }, a: { '<end>': 0.6, ' #': 0.2, '#': 0.1, '(': 0.08 }, 'a(': { b: 0.9 } })[
        written
      ] ?? {
        '\n': 0.99,
      };
    const { texts } = await runScript(spellings, ways, { ...lines, width: 3, drafting: branches });
    expect(texts).toEqual(['a', 'a(b']);
  });
});

describe('with grammars', () => {
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
  const tokenizer = toyTokenizer(['\n', ...printable]);
  const { vocabulary } = tokenizer;
  const real: Grammars = (languageId) => grammarOf(languages[languageId]!.grammar);

  /** The first suggestion of a model that wants to write `wish` and, after `pause`, would rather end, by nine to one. */
  async function written(languageId: string, file: string, wish: string, pause?: string, grammars = real) {
    const [before = '', after = ''] = file.split('▮');
    const spelled = (tokens: readonly number[]): string =>
      Buffer.concat(tokens.map((token) => vocabulary.bytesOf(token))).toString('utf8');
    const model = scriptedModel(vocabulary, (tokens, prompt) => {
      const text = spelled(prompt) + spelled(tokens);
      const next = toyToken(vocabulary, (before + wish)[text.length] ?? '<end>');
      const end = toyToken(vocabulary, '<end>');
      return pause !== undefined && text === before + pause
        ? new Map([...[[end, 0.9] as const, [next, 0.09] as const]])
        : new Map([[next, 0.9]]);
    });
    const outcome = await write(
      {
        prompt: { parts: [{ kind: 'text', text: before }], maxTokens: 5000 },
        fillsIn: true,
        program: { languageId, before, after },
        shape: 'by-syntax',
        drafts: 1,
        drafting: 'branches',
        nearby: [],
        maxTokens: 300,
        syntax: true,
        backUp: 1,
        leastClosing: 0.05,
        monitors: 'off',
        inComments: true,
        inStrings: true,
      },
      {
        model: { ...model, maxTokens: 10_000 },
        tokenizer,
        grammars,
        ngrams: noTable,
        ask: askNobody,
        monitoring,
        cancellation: never,
        onProgress: () => undefined,
      },
    );
    return outcome.drafts[0]?.text;
  }

  test.each([
    ['python', 'x = ▮\n', 'f(a)  # why\n', 'f(a)'],
    ['typescript', 'const x = ▮\n', 'f(a); // why\n', 'f(a);'],
    ['javascript', 'const x = ▮\n', 'f(a); /* why */\n', 'f(a);'],
    ['php', '<?php\n$x = ▮\n', 'f($a); # why\n', 'f($a);'],
  ])(
    '%s ends before its comments where the model would, and writes them where it would not',
    async (...at) => {
      const [languageId, file, wish, pause] = at;
      expect(await written(languageId, file, wish, pause)).toBe(pause);
      expect(await written(languageId, file, wish)).toBe(wish.trimEnd());
    },
  );

  test.each([
    ['another sign of the language', 'python', 'x = ▮\n', 'a // b\n', 'a'],
    ['a sign in a string', 'python', 'x = ▮\n', '"#fff"\n', '"'],
    ['a comment inside brackets', 'python', 'x = f(▮\n', 'a,  # why\n  b)\n', 'a,'],
    ['a comment that the author has begun', 'python', 'x = 1  # see ▮\n', '#1, #2\n', ''],
  ])('%s goes on', async (_, languageId, file, wish, pause) => {
    expect(await written(languageId, file, wish, pause)).toBe(wish.trimEnd());
  });

  test('a language without a grammar knows its signs, and those before the cursor', async () => {
    expect(await written('lua', 'x = ▮\n', 'a -- why\n', 'a', noGrammars)).toBe('a');
    expect(await written('lua', 'x = 1 -- b ▮\n', '-- c\n', '', noGrammars)).toBe('-- c');
  });
});
