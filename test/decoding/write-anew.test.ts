/** Where what is wrong is looked for, and what may take its place. */
import { describe, expect, test } from 'vitest';
import type { WriteOutcome, WriteRequest } from '../../language-server/decoding/write-request.js';
import { texts, wrongWord, written, type Knows } from '../support/checked-writing.js';

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
