/** Drafts of which nothing joins, closed: with real grammars, and a model that would rather write on. */
import { describe, expect, test } from 'vitest';
import type { Constraint } from '../../language-server/constraints/constraint.js';
import { grammarConstraint } from '../../language-server/constraints/grammar-constraint.js';
import type { Draft } from '../../language-server/decoding/draft.js';
import { rescoringBy } from '../../language-server/decoding/rescoring/rescoring.js';
import { Cancelled } from '../../language-server/inference/cancellation.js';
import { cappedAt } from '../../language-server/inference/exit-policies.js';
import { grammarOf } from '../support/grammars.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const spellings = ['\n', ');', '});', ...printable];

interface Case {
  readonly languageId: string;
  /** The file, with `▮` at the cursor. */
  readonly file: string;
  /** What the model writes, letter by letter, until it is stopped. */
  readonly wish: string;
  /** What else is likely, after which texts. */
  readonly closers?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What is likely after all that it does not want; else a line end. */
  readonly then?: string;
  /** What an earlier session wrote: the wish and the rest are what comes after it. */
  readonly begun?: string;
  readonly options?: Parameters<typeof runScript>[2];
}

async function run({ languageId, file, wish, closers = {}, then = '\n', begun = '', options = {} }: Case) {
  const [before = '', after = ''] = file.split('▮');
  const grammar = grammarConstraint({ language: await grammarOf(languageId), before, after });
  if ('off' in grammar) throw new Error(grammar.off);
  using open = grammar;
  const script: TextScript = (written) =>
    wish.startsWith(written) && written !== wish
      ? { ...closers[written], [wish[written.length]!]: 0.6 }
      : { ...closers[written], [then]: 0.5 };
  const constraint = open.constraint.after(begun)!;
  return await runScript(spellings, script, {
    constraint,
    after,
    leastClosing: 1e-4,
    maxTokens: wish.length,
    ...options,
  });
}

describe('a draft that would run on', () => {
  test.each<[string, Case, string]>([
    [
      'in a call',
      {
        languageId: 'javascript',
        file: 'go();\n▮\nmore();\n',
        wish: 'f(a, {b: [',
        closers: { 'f(a': { ');': 0.2 }, 'f(a, ': { ');': 0.1 } },
      },
      'f(a);',
    ],
    [
      'in blocks in blocks',
      {
        languageId: 'typescript',
        file: 'f();\n▮\n',
        wish: 'on(() => {on(() => {on(',
        closers: { 'on(() => {': { '});': 0.05 }, 'on(() => {on(() => {': { '});': 0.3 } },
      },
      'on(() => {});',
    ],
    [
      'in a string, by two tokens',
      {
        languageId: 'python',
        file: 'x = 1\n▮\ny = 2\n',
        wish: 'print("a b c d',
        closers: { 'print("a b': { '"': 0.3 }, 'print("a b"': { ')': 0.3 } },
      },
      'print("a b")',
    ],
    [
      'before what closes already',
      {
        languageId: 'typescript',
        file: 'f(▮);\n',
        wish: 'g(a, (b, [',
        closers: { 'g(a, (b': { ')': 0.3 }, 'g(a, (b)': { ')': 0.3 } },
        then: ')',
      },
      'g(a, (b))',
    ],
  ])('%s', async (_, place, text) => {
    const { texts, drafts, trace } = await run(place);
    expect(texts).toEqual([text]);
    const [draft] = drafts;
    expect(draft!.ending).toBe('length');
    expect(draft!.logProb).toBeCloseTo(
      draft!.tokens.reduce((sum, { logProb }) => sum + logProb, 0),
      6,
    );
    expect(JSON.stringify(trace)).toMatch(/Closed as .* by \d/);
  });

  test('what the suffix goes on with decides where it is left', async () => {
    const { texts } = await run({
      languageId: 'javascript',
      file: '▮\n  a &&\n  b\n) {\n  c();\n}\n',
      wish: 'if (a) {return (',
      closers: { 'if (': { '\n': 0.2 } },
    });
    expect(texts).toEqual(['if (']);
  });

  test('more of the suffix decides between ends that are about as likely', async () => {
    const place = {
      languageId: 'javascript',
      file: '▮\n+ c;\n',
      wish: 'a(b, [',
      closers: {
        a: { '\n': 0.045 },
        'a(b': { ')': 0.08 },
        'a\n': { '+': 0.01, x: 0.9 },
        'a(b)\n': { '+': 0.9 },
      },
    };
    expect((await run(place)).texts).toEqual(['a']);
    const following = rescoringBy('\n+', toyTokenizer(spellings));
    expect((await run({ ...place, options: { following } })).texts).toEqual(['a(b)']);
  });

  test('is silent where all closing is too unlikely, and says how unlikely', async () => {
    const place = {
      languageId: 'javascript',
      file: 'go();\n▮\nmore();\n',
      wish: '[a, {b: [',
      closers: { '[a': { ']': 0.05 } },
    };
    const { texts, trace } = await run({ ...place, options: { leastClosing: 0.05 } });
    expect(texts).toEqual(['']);
    expect(JSON.stringify(trace)).toContain(String.raw`Too unlikely to be closed as \"[a]\"`);
    expect((await run({ ...place, options: { leastClosing: 0.001 } })).texts).toEqual(['[a]']);
  });

  test('is silent where the file would have more errors than it has', async () => {
    const place = { languageId: 'javascript', file: 'go();\n▮\nmore();\n', wish: '[a, {b: [' };
    const closers = { '[a': { ']': 0.2 } };
    const { texts, trace } = await run({ ...place, closers, options: { worsens: (text) => text === '[a]' } });
    expect(texts).toEqual(['']);
    expect(JSON.stringify(trace)).toContain(String.raw`Not closed as \"[a]\"`);
    expect((await run({ ...place, closers, options: { worsens: () => false } })).texts).toEqual(['[a]']);
  });

  test('costs no run where time is up, and few otherwise', async () => {
    const place = {
      languageId: 'javascript',
      file: 'go();\n▮\nmore();\n',
      wish: '[a, {b: [',
      closers: { '[a': { ']': 0.2 } },
    };
    const late = await run({ ...place, options: { isLate: () => true } });
    expect([late.texts, late.steps]).toEqual([[''], 1]);
    const { steps, batches } = await run(place);
    expect(steps).toBeLessThanOrEqual(place.wish.length + 8);
    expect(Math.max(...batches)).toBeLessThanOrEqual(16);
  });

  test('goes no deeper than the request allows, nor does what decides between its ends', async () => {
    const depth = cappedAt(1);
    const { steps, depths, texts } = await run({
      languageId: 'javascript',
      file: '▮\n+ c;\n',
      wish: 'a(b, [',
      closers: { a: { '\n': 0.045 }, 'a(b': { ')': 0.08 }, 'a(b)\n': { '+': 0.9 } },
      options: { depth, following: rescoringBy('\n+', toyTokenizer(spellings)) },
    });
    expect(texts).not.toEqual(['']);
    const written = 'a(b, ['.length;
    expect(steps).toBeGreaterThan(written + 1);
    expect(depths.slice(0, written).includes(depth)).toBe(false);
    expect(depths.slice(written).every((policy) => policy === depth)).toBe(true);
  });

  test('a semicolon alone says nothing', async () => {
    const place = { languageId: 'javascript', file: 'go();\n▮\nmore();\n', wish: '[a, {b: [' };
    const { texts } = await run({ ...place, closers: { '': { ';': 0.3 }, '[a': { ']': 0.05 } } });
    expect(texts).toEqual(['[a]']);
  });

  test('what would only be whole with the next line once more is no end', async () => {
    const written = '"""\nx="b';
    const after = (...texts: readonly string[]) =>
      Object.fromEntries(texts.map((text) => [written + text, { [text.endsWith('"') ? '\n' : '"']: 0.5 }]));
    const place = {
      languageId: 'python',
      wish: `${written} c d e a b c`,
      closers: {
        ...after('', '"', '"\n'),
        [`${written}"\n"`]: { '"': 0.5 },
        [`${written}"\n""`]: { '"': 0.5 },
        [`${written}"\n"""`]: { '\n': 0.5 },
      },
      then: 'e',
      options: { leastClosing: 0.001 },
    };
    expect((await run({ ...place, file: 's = """a\n▮\n """\nf()\n' })).texts).toEqual([`${written}"\n"""`]);
    const [text] = (await run({ ...place, file: 's = """a\n▮\n"""\nf()\n' })).texts;
    expect(text).not.toMatch(/\n"""$/);
  });

  test('goes on with a likelier word, and not with what it has written already', async () => {
    const { texts } = await runScript(
      ['a', 'b', 'c', '!'],
      (written) => (written.startsWith('b') ? { '!': 0.9 } : written === '' ? { a: 0.6, b: 0.3 } : { c: 1 }),
      {
        constraint: endingIn('!'),
        maxTokens: 5,
        leastClosing: 1e-3,
      },
    );
    expect(texts).toEqual(['b!']);
  });

  test('where the model was told what follows, how likely it is to end the text is what counts', async () => {
    const place = {
      languageId: 'javascript',
      file: 'g(▮);\n',
      wish: 'f(a, {b: [',
      closers: { 'f(a': { ')': 0.2 }, 'f(a, ': { ')': 0.3 }, 'f(a)': { '<end>': 0.4 } },
      then: ')',
    };
    expect((await run(place)).texts).toEqual(['f(a, )']);
    expect((await run({ ...place, options: { after: undefined } })).texts).toEqual(['f(a)']);
  });
});

describe('a draft that goes on from what an earlier session has written', () => {
  const file = '▮\n+ c;\n';
  const wish = 'a(b, [';
  const closers: Case['closers'] = {
    a: { '\n': 0.045 },
    'a(b': { ')': 0.08 },
    'a\n': { '+': 0.9 },
    'a(b)\n': { '+': 0.01, x: 0.9 },
  };

  /** What was lost of what an earlier session wrote, and each beginning of it. */
  async function beginnings(): Promise<readonly Draft[]> {
    const { drafts } = await run({
      languageId: 'javascript',
      file,
      wish,
      options: { leastClosing: undefined },
    });
    const all: Draft[] = [];
    for (let at = drafts[0]!.lost; at; at = at.previous) all.push(at);
    return all;
  }
  const later = (from: Draft, options: Case['options'] = {}) =>
    run({
      languageId: 'javascript',
      file,
      wish: wish.slice(from.text.length),
      closers: Object.fromEntries(
        Object.entries(closers)
          .filter(([text]) => text.startsWith(from.text))
          .map(([text, next]) => [text.slice(from.text.length), next]),
      ),
      begun: from.text,
      options: { from, maxTokens: wish.length, ...options },
    });

  test('may be left where that ended, and nothing of the earlier session is read', async () => {
    const from = (await beginnings()).find(({ text }) => text === 'a')!;
    const following = rescoringBy('\n+', toyTokenizer(spellings));
    expect((await later(from, { following })).texts).toEqual(['a']);
  });

  test('is written on, even if that had ended and could have been closed', async () => {
    const [lost, shorter] = await beginnings();
    const from = { ...shorter!, ways: shorter!.ways!, lost: lost!, ending: 'length' } as const;
    const { texts, history } = await later(from, { leastClosing: undefined });
    expect(texts).toEqual(['a']);
    expect(history.at(-1)![0]!.lost!.text).toBe(wish);
  });
});

describe('ways that are only looked at', () => {
  const wish = 'abcdefghij';
  /** Writes letters, and would close with any mark after each, which the constraint judges. */
  const marks = printable.filter((text) => /[!-/:-@]/.test(text) && !'#$@\\'.includes(text));
  const script: TextScript = (written) => ({
    [wish[written.length] ?? 'k']: 0.6,
    ...Object.fromEntries(marks.map((mark) => [mark, 0.3 / marks.length])),
  });

  test.each(['late', 'cancelled'] as const)('are no more once it is %s', async (why) => {
    const some = 7;
    let looked = 0;
    const constraint = judging(() => {
      looked++;
      return undefined;
    });
    const running = runScript(spellings, script, {
      constraint,
      maxTokens: wish.length,
      leastClosing: 1e-9,
      isLate: () => why === 'late' && some <= looked,
      cancellation: {
        get requested() {
          return why === 'cancelled' && some <= looked;
        },
      },
    });
    if (why === 'late') expect((await running).texts).toEqual(['']);
    else await expect(running).rejects.toThrow(Cancelled);
    expect(looked).toBe(some);
  });

  test('raise no questions: those are asked that are read', async () => {
    let looked = 0;
    const asked = new Set<string>();
    const { steps } = await runScript(spellings, script, {
      constraint: judging((written, after) => {
        looked++;
        const open: Constraint = { ...after, questions: [{ key: written, kind: 'any', written }] };
        return { ...open, answered: () => after };
      }),
      maxTokens: wish.length,
      leastClosing: 1e-9,
      ask: ({ key }) => {
        asked.add(key);
        return Promise.resolve(undefined);
      },
    });
    expect(asked.size).toBeGreaterThan(0);
    expect(asked.size).toBeLessThanOrEqual(16 * (steps - wish.length));
    expect(asked.size).toBeLessThan(looked / 2);
  });
});

/** Allows letters, and may never end; of texts that end otherwise `judge` says what holds after them. */
function judging(
  judge: (written: string, after: Constraint) => Constraint | undefined,
  written = '',
): Constraint {
  const constraint: Constraint = {
    name: 'marks',
    questions: [],
    after(text) {
      const after = judging(judge, written + text);
      return text === '' || /[a-z]$/.test(text) ? after : judge(written + text, after);
    },
    mayEnd: () => false,
    closed: () => undefined,
    answered: () => constraint,
  };
  return constraint;
}

test('a draft of which something joins is left alone', async () => {
  const { texts, trace } = await run({
    languageId: 'javascript',
    file: '▮\n',
    wish: 'a();\nb(',
    closers: { 'a();\nb(': { ')': 0.3 } },
  });
  expect(texts).toEqual(['a();']);
  expect(JSON.stringify(trace)).not.toMatch(/losed as/);
});

/** Allows all; ends with `mark` alone. */
function endingIn(mark: string, written = ''): Constraint {
  const constraint: Constraint = {
    name: 'mark',
    questions: [],
    after: (text) => endingIn(mark, written + text),
    mayEnd: () => written.endsWith(mark),
    closed: () => undefined,
    answered: () => constraint,
  };
  return constraint;
}
