/** Check after writing: what becomes of a draft that would bring errors, with a model that would rather write it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Question } from '../../language-server/constraints/constraint.js';
import { noGrammars } from '../../language-server/decoding/grammars.js';
import { noTable } from '../../language-server/decoding/ngrams/ngram-table.js';
import { write } from '../../language-server/decoding/write.js';
import type { TraceEntry, WriteOutcome, WriteRequest } from '../../language-server/decoding/write-request.js';
import type { Names } from '../../language-server/monitors/questions.js';
import { never } from '../../language-server/inference/cancellation.js';
import { monitoring } from '../../language-server/monitoring.js';
import { languages } from '../../syntax/languages.js';
import { grammarOf } from '../support/grammars.js';
import { scriptedModel } from '../support/scripted-model.js';
import { toyToken, toyTokenizer } from '../support/toy-vocabulary.js';

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const tokenizer = toyTokenizer(['\n', ...printable]);
const { vocabulary } = tokenizer;
const standard = 'x = ledger ';

/** A server that knows which words are wrong; `undefined`: it does not answer. */
type Knows = (written: string) => readonly { start: number; end: number }[] | undefined;

const wrongWord =
  (word: RegExp): Knows =>
  (written) =>
    [...written.matchAll(word)].map(({ index, 0: { length } }) => ({ start: index, end: index + length }));

/** What is written by a model that wants `wishes`, the first one most. */
function written(
  wishes: readonly string[],
  knows: Knows,
  changes: Partial<WriteRequest> = {},
  members?: Names | Promise<Names>,
  onProgress: (text: string) => void = () => undefined,
  answerMs = 0,
): Promise<WriteOutcome> {
  const { before } = changes.program ?? { before: standard };
  const spelled = (tokens: readonly number[]) =>
    Buffer.concat(tokens.map((token) => vocabulary.bytesOf(token))).toString('utf8');
  const model = scriptedModel(vocabulary, (tokens, prompt) => {
    const text = spelled(prompt) + spelled(tokens);
    const next = new Map<number, number>();
    for (const [index, wish] of wishes.entries()) {
      const whole = before + wish;
      if (!whole.startsWith(text)) continue;
      const token = toyToken(vocabulary, whole[text.length] ?? '<end>');
      next.set(token, (next.get(token) ?? 0) + 1 / 5 ** index);
    }
    const sum = [...next.values()].reduce((total, weight) => total + weight, 0);
    for (const [token, weight] of next) next.set(token, (0.95 * weight) / sum);
    return next.size > 0 ? next : new Map([[toyToken(vocabulary, '<end>'), 0.9]]);
  });
  const request: WriteRequest = {
    prompt: { parts: [{ kind: 'text', text: before }], maxTokens: 5000 },
    fillsIn: false,
    program: { uri: 'file:///a.x', languageId: 'unknown', before, after: '' },
    shape: 'line',
    drafts: 1,
    drafting: 'branches',
    nearby: [],
    maxTokens: 100,
    syntax: false,
    backUp: 1,
    leastClosing: 0.05,
    monitors: 'check',
    inComments: true,
    inStrings: true,
    ...changes,
  };
  const answerTo = ({ kind, written: text }: Question): Promise<unknown> => {
    if (kind === 'members') return Promise.resolve(members);
    const found = kind === 'diagnostics' ? knows(text) : undefined;
    const added = found?.map((place) => ({ ...place, severity: 'error', message: 'wrong' }));
    return Promise.resolve(added && { added });
  };
  const ask = (question: Question): Promise<unknown> =>
    answerMs > 0 ? sleep(answerMs).then(() => answerTo(question)) : answerTo(question);
  return write(request, {
    model: {
      ...model,
      maxTokens: 10_000,
      open: async (...asked) => ({ ...(await model.open(...asked)), speculated: { guessed: 3, held: 1 } }),
    },
    tokenizer,
    grammars: (id) => (languages[id] ? grammarOf(languages[id].grammar) : noGrammars(id)),
    ngrams: noTable,
    ask,
    monitoring,
    cancellation: never,
    onProgress,
  });
}

const texts = ({ drafts }: WriteOutcome) => drafts.map(({ text }) => text);

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

describe('an error outside the draft', () => {
  /** Something before the cursor is wrong because of what is written. */
  const because =
    (cause: RegExp): Knows =>
    (text) =>
      cause.test(text) ? [{ start: -9, end: -3 }] : [];
  /** The blank before the cursor is spelled once more: the first token. */
  const begins = ({ trace }: WriteOutcome) =>
    trace.flatMap((entry) =>
      entry.kind === 'note' ? (/^Written anew from token \d+/.exec(entry.text) ?? []) : [],
    );

  test('is looked for behind the name with which the draft begins', async () => {
    const outcome = await written(['name+bad', 'name-good', 'other'], because(/bad/));
    expect(texts(outcome)).toEqual(['name-good']);
    const closed = await written(['name] bad', 'name) good', 'other'], because(/bad/));
    expect(texts(closed)).toEqual(['name) good']);
    expect(begins(outcome)).toEqual(['Written anew from token 5']);
  });

  test('is none of the name where nothing behind it helps either', async () => {
    const outcome = await written(['name+bad', 'other'], because(/name/));
    expect(texts(outcome)).toEqual(['name+bad']);
    expect(new Set(begins(outcome))).toEqual(new Set(['Written anew from token 5']));
  });

  test('is none of the name either where it goes on behind it', async () => {
    const all: Knows = (text) => (text.includes('bad') ? [{ start: -3, end: text.length }] : []);
    const outcome = await written(['name+bad', 'name-good', 'other'], all);
    expect(texts(outcome)).toEqual(['name-good']);
    const behind: Knows = (text) => (text.includes('bad') ? [{ start: -7, end: 4 }] : []);
    expect(begins(await written(['name+bad', 'name-good', 'other'], behind))[0]).toMatch(/token 5$/);
  });

  test('lies on the name if it lies on nothing else, or on the string that it stands in', async () => {
    const itself: Knows = (text) => (text.includes('bad') ? [{ start: 0, end: 4 }] : []);
    expect(begins(await written(['name+bad', 'name-good', 'other'], itself))[0]).toMatch(/token 1$/);
    const begun = { uri: 'file:///a.x', languageId: 'unknown', before: 'x = led', after: '' };
    const prompt = { parts: [{ kind: 'text', text: begun.before }], maxTokens: 5000 } as const;
    const typed: Knows = (text) => (text.startsWith('ger') ? [{ start: -3, end: 3 }] : []);
    const outcome = await written(['ger+bad', 'der+1'], typed, { program: begun, prompt });
    expect(texts(outcome)).toEqual(['der+1']);
    const closed = { ...begun, before: 'x = "a" + ' };
    const sum: Knows = (text) => (text.includes('bad') ? [{ start: -6, end: text.length }] : []);
    const kept = await written(['name.bad', 'name.good', 'other'], sum, {
      program: closed,
      prompt: { parts: [{ kind: 'text', text: closed.before }], maxTokens: 5000 },
    });
    expect(texts(kept)[0]).toMatch(/^name/);
    const quoted = { ...begun, before: 'x = "le' };
    const inside: Knows = (text) => (text.startsWith('d') ? [{ start: -3, end: 8 }] : []);
    const changes = {
      program: quoted,
      prompt: { parts: [{ kind: 'text', text: quoted.before }], maxTokens: 5000 },
    } as const;
    expect(texts(await written(['d/ger"', 'ft"'], inside, changes))).toEqual(['ft"']);
  });

  test('is looked for in the name where that is all', async () => {
    for (const end of ['', ';', '),']) {
      const outcome = await written([`name${end}`, `other${end}`], because(/name/));
      expect(texts(outcome)).toEqual([`other${end}`]);
      expect(begins(outcome)).toEqual(['Written anew from token 1']);
    }
  });
});

test('no comment takes the place of what is wrong', async () => {
  const program = { uri: 'file:///a.py', languageId: 'python', before: standard, after: '' };
  const outcome = await written(['bad', '# why', ' # why', 'good'], wrongWord(/bad/g), { program });
  expect(texts(outcome)).toEqual(['good']);
});

describe('a text that leaves a bracket open, in which the server finds nothing wrong', () => {
  const before = 'x = f[a.';
  /** What the grammar takes for the file's own error hides that the bracket is still open. */
  const after = '\n\ndef g(x: int) -> a[b]:\n    return [x]\n';
  const changes: Partial<WriteRequest> = {
    program: { uri: 'file:///a.py', languageId: 'python', before, after },
    prompt: { parts: [{ kind: 'text', text: before }], maxTokens: 5000 },
    syntax: true,
    fillsIn: true,
  };
  const knows = wrongWord(/\bbad\w*/g);

  test('takes no place of one that closes it', async () => {
    const outcome = await written(['bad] + 1', 'good'], knows, changes);
    expect(texts(outcome)).toEqual(['bad] + 1']);
    expect(texts(await written(['bad] + 1', 'good', 'fine]'], knows, changes))).toEqual(['fine]']);
  });

  test('takes the place of one that leaves it open as well', async () => {
    expect(texts(await written(['bad', 'good'], knows, changes))).toEqual(['good']);
  });
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

describe('texts written side by side in place of a wrong one', () => {
  test('end once one is clean that none of them could beat', async () => {
    const long = 'zoo + 1 + 1';
    const outcome = await written(['7', 'good', long], wrongWord(/7/g));
    expect(texts(outcome)).toEqual(['good']);
    // A blank, what is wrong, and their end; then four letters and theirs, and two steps until the answer is seen.
    expect(outcome.cost.steps).toBeLessThanOrEqual(3 + 5 + 2);
  });

  test('go on as long as a likelier one is being written', async () => {
    // What is less likely ends first. Questions are told where they arise: at the end of its tokens.
    const outcome = await written(['+ bad', '+ zoo + 1', '+ go'], wrongWord(/\bbad/g));
    expect(outcome.trace).toContainEqual(
      expect.objectContaining({ kind: 'asked', question: 'diagnostics 0 + go', at: '+ go'.length + 1 }),
    );
    expect(texts(outcome)).toEqual(['+ zoo + 1']);
  });

  test('are ranked by the token with which they part, though one of them was cut back to nothing', async () => {
    const long = 'ne+two+three+four+five+six+seven)';
    const wishes = [`ab+7+o${long}`, `ab+good+o${long}`, 'ab+xyz)', `ab+c${' and x'.repeat(10)})`];
    const program = { uri: 'file:///a.py', languageId: 'python', before: 'x = f(', after: '\n' };
    const outcome = await written(wishes, wrongWord(/7/g), {
      ...{ program, syntax: true, maxTokens: 80 },
      prompt: { parts: [{ kind: 'text', text: program.before }], maxTokens: 5000 },
    });
    expect(texts(outcome)).toEqual([wishes[1]]);
  });

  test('are each checked once', async () => {
    const asked: string[] = [];
    const knows: Knows = (text) => {
      asked.push(text);
      return wrongWord(/\bb.d\b/g)(text);
    };
    await written(['bad', 'bid', 'good', 'zoo'], knows);
    expect(asked).toEqual([...new Set(asked)]);
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
