/** Check after writing: what becomes of a draft that would bring errors, with a model that would rather write it. */
import { describe, expect, test } from 'vitest';
import type { TraceEntry, WriteOutcome } from '../../language-server/decoding/write-request.js';
import type { Names } from '../../language-server/monitors/questions.js';
import { standard, texts, wrongWord, written, type Knows } from '../support/checked-writing.js';

test('a draft that brings errors gives way to one that is written anew from just before them', async () => {
  const outcome = await written(['+ bad + 1', '+ good + 1'], wrongWord(/\bbad[\w$]*/g));
  expect(texts(outcome)).toEqual(['+ good + 1']);
  const checks = outcome.trace.filter(({ kind }) => kind === 'checked');
  expect(checks[0]).toMatchObject({ text: '+ bad + 1', errors: ['wrong'] });
  expect(checks).toContainEqual({ kind: 'checked', text: '+ good + 1', errors: [] });
});

test('guesses are counted wherever something is written', async () => {
  const { cost: once } = await written(['+ good'], wrongWord(/\bbad\b/g));
  expect(once.speculated).toEqual({ guessed: 3, held: 1 });
  const { cost: twice } = await written(['+ bad + 1', '+ good + 1'], wrongWord(/\bbad\b/g));
  expect(twice.speculated).toEqual({ guessed: 6, held: 2 });
});

test('no comment takes the place of what is wrong', async () => {
  const program = { uri: 'file:///a.py', languageId: 'python', before: standard, after: '' };
  const outcome = await written(['bad', '# why', ' # why', 'good'], wrongWord(/bad/g), { program });
  expect(texts(outcome)).toEqual(['good']);
});

test('what is wrong is not written again; a longer name that begins so is another', async () => {
  const outcome = await written(['+ bad', '+ good'], wrongWord(/\bbad[\w$]*/g));
  expect(texts(outcome)).toEqual(['+ good']);
  expect(texts(await written(['+ bad', '+ badge'], wrongWord(/\bbad(?!ge\b)[\w$]*/g)))).toEqual(['+ badge']);
});

test('a clean draft is left as it is; unchecked, it is shown, and the trace says why', async () => {
  expect(texts(await written(['+ bad'], wrongWord(/worse/g)))).toEqual(['+ bad']);
  const outcome = await written(['+ bad'], () => undefined);
  expect(texts(outcome)).toEqual(['+ bad']);
  expect(outcome.trace).toContainEqual(expect.objectContaining({ kind: 'unchecked', text: '+ bad' }));
});

test('a mere piece that is wrong as well takes no place of a whole draft, however late it goes wrong', async () => {
  const piece = '+ good and ';
  const knows: Knows = (text) => {
    if (text === '+ bad') return [{ start: 2, end: 5 }];
    return text === piece ? [{ start: 10, end: 11 }] : [{ start: 0, end: 1 }];
  };
  const outcome = await written(['+ bad', `${piece}so on and so on`], knows);
  expect(outcome.trace).toContainEqual({ kind: 'checked', text: piece, errors: ['wrong'] });
  expect(texts(outcome)).toEqual(['+ bad']);
});

describe('what is still wrong when written anew', () => {
  const wishes = ['7', 'cad', 'dad', 'fad', 'good'];
  const knows = wrongWord(/7|\b[cdf]ad\b/g);
  const isAgain = (entry: TraceEntry) => entry.kind === 'note' && entry.text.startsWith('Written anew');
  const times = ({ trace }: WriteOutcome) => trace.filter(isAgain).length;

  test('is written a second time where the user has asked, without what was found wrong before', async () => {
    const outcome = await written(wishes, knows);
    expect(texts(outcome)).toEqual(['good']);
    expect(times(outcome)).toBe(2);
    const checked = outcome.trace.flatMap((entry) => (entry.kind === 'checked' ? [entry.text] : []));
    expect(checked).toEqual([...new Set(checked)]);
  });

  test('stays where the first time has already taken long', async () => {
    const outcome = await written(wishes, knows, {}, undefined, undefined, 1_100);
    expect(texts(outcome)).toEqual(['7']);
    expect(times(outcome)).toBe(1);
    const text = 'Not written anew another time: that has taken long enough.';
    expect(outcome.trace).toContainEqual({ kind: 'note', text });
  }, 20_000);

  test('stays while the user types', async () => {
    const outcome = await written(wishes, knows, { budgetMs: 60_000 });
    expect(texts(outcome)).toEqual(['7']);
    expect(times(outcome)).toBe(1);
  });

  test('is not written a third time, nor a second one beside a clean draft, or where there was nothing else', async () => {
    const many = await written(
      ['7', 'cad', 'dad', 'fad', 'gad', 'had', 'jad', 'good'],
      wrongWord(/7|\b[a-j]ad\b/g),
    );
    expect(times(many)).toBe(2);
    expect(times(await written(['cad', 'dad', 'good'], wrongWord(/\b[cd]ad\b/g), { drafts: 3 }))).toBe(1);
    expect(times(await written(['cad'], wrongWord(/^[^]/g)))).toBeLessThan(3);
  });

  test('goes on from what is right for longer, and does not come back to what was wrong', async () => {
    const outcome = await written(['bad', 'so + cad', 'so + good'], wrongWord(/\b[bc]ad\b/g));
    expect(texts(outcome)).toEqual(['so + good']);
    const again = outcome.trace.filter(isAgain).map((entry) => 'text' in entry && entry.text.split(',')[0]);
    // The blank before the cursor is the first token.
    expect(again).toEqual(['Written anew from token 1', 'Written anew from token 6']);
  });
});

describe('which of several wrong drafts is the better one', () => {
  test('blanks make none right for longer', async () => {
    const knows: Knows = (text) => {
      const [bad] = wrongWord(/\bb[ao]d\b/g)(text)!;
      return text === '' ? [] : [bad ?? { start: 0, end: 1 }];
    };
    expect(texts(await written(['+ bad', '+   bod'], knows))).toEqual(['+ bad']);
  });

  test('nor does its length, where the error lies behind it', async () => {
    const behind: Knows = (text) => (text === '' ? [] : [{ start: text.length + 2, end: text.length + 3 }]);
    expect(texts(await written(['bad', 'worse.by.far'], behind))).toEqual(['bad']);
  });

  test('an error behind a draft is better than one in it', async () => {
    const knows: Knows = (text) => [text.startsWith('bad') ? { start: 0, end: 3 } : { start: 20, end: 21 }];
    expect(texts(await written(['bad', 'so'], knows))).toEqual(['so']);
  });
});

test('waiting for the server is part of the cost', async () => {
  const late: Knows = wrongWord(/\bbad\b/g);
  const outcome = await written(['bad', 'good'], late, {}, undefined, () => undefined, 40);
  expect(outcome.cost.waitedMs).toBeGreaterThan(30);
  expect(outcome.cost.waitedMs).toBeLessThan(outcome.cost.totalMs);
  expect((await written(['bad'], late, { monitors: 'off' })).cost.waitedMs).toBeUndefined();
});

test('switched off, nothing is asked', async () => {
  const outcome = await written(['+ bad', '+ good'], wrongWord(/\bbad[\w$]*/g), { monitors: 'off' });
  expect(texts(outcome)).toEqual(['+ bad']);
  expect(outcome.trace.filter(({ kind }) => kind === 'asked')).toEqual([]);
});

test('of several drafts none that brings errors is shown beside a clean one', async () => {
  const outcome = await written(['bad', 'good', 'fine'], wrongWord(/\bbad[\w$]*/g), { drafts: 3 });
  expect(texts(outcome)).not.toContain('bad');
  expect(texts(outcome)).toContain('good');
});

describe('a first name that is known to be wrong', () => {
  const program = { uri: 'file:///a.ts', languageId: 'typescript', before: 'x = ledger.', after: '' };
  const changes = {
    program,
    prompt: { parts: [{ kind: 'text', text: program.before }], maxTokens: 5000 },
  } as const;
  const members: Names = { names: [{ text: 'good', kind: 'property' }], complete: true };
  const wishes = ['bad.and.so.on.and.on', 'good + 1'];

  test('ends the draft early, and another one is written', async () => {
    const outcome = await written(wishes, wrongWord(/\bbad\b/g), changes, members);
    expect(texts(outcome)).toEqual(['good + 1']);
    const plain = await written(wishes, wrongWord(/\bbad\b/g), changes, { ...members, complete: false });
    expect(texts(plain)).toEqual(['good + 1']);
    expect(outcome.cost.steps).toBeLessThan(plain.cost.steps - 10);
  });

  test('says nothing about what the other one may leave open', async () => {
    const open = 'good + h((b) => {';
    const grammars = { languageId: 'typescript', before: 'function f(a) {\n  a.', after: '\n}\n' };
    const inside = {
      program: { uri: 'file:///a.ts', ...grammars },
      prompt: { parts: [{ kind: 'text', text: grammars.before }], maxTokens: 5000 },
    } as const;
    const outcome = await written(['bad + h((b) => {', open], wrongWord(/\bbad\b/g), inside, members);
    expect(texts(outcome)).toEqual([open]);
  });

  test('says nothing about how long the other one may be', async () => {
    const long = 'good + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8';
    const outcome = await written(['bad.and.so.on', long], wrongWord(/\bbad\b/g), changes, members);
    expect(texts(outcome)).toEqual([long]);
  });

  test('is written out where nothing better is found', async () => {
    const outcome = await written(['bad.and.so.on'], () => [{ start: 0, end: 1 }], changes, members);
    expect(texts(outcome)).toEqual(['bad.and.so.on']);
    // Freely, anew twice, and on.
    expect(outcome.cost.speculated).toEqual({ guessed: 12, held: 4 });
  });

  test('found once the draft has ended, leaves it as it was closed where nothing better is found', async () => {
    let answer: (names: Names) => void = () => undefined;
    const late = new Promise<Names>((resolve) => (answer = resolve));
    const heard: string[] = [];
    const outcome = await written(
      ['bad(('],
      () => [{ start: 0, end: 3 }],
      { ...changes, syntax: true, maxTokens: 5, leastClosing: 1e-9 },
      late,
      (text) => {
        heard.push(text);
        if (text === heard.at(-2)) answer(members);
      },
    );
    const notes = outcome.trace.map((entry) => (entry.kind === 'note' ? entry.text : ''));
    expect(notes.join('\n')).toMatch(/Closed as "ba"[^]*Written anew .*"bad" is refused by members/);
    expect(texts(outcome)).toEqual(['ba']);
  });
});
