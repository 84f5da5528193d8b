/** The decode loop on a scripted model: what is chosen, what is refused, how drafts end. */
import { describe, expect, test } from 'vitest';
import { anything, type Constraint, type Question } from '../../language-server/constraints/constraint.js';
import { greedy, sampled } from '../../language-server/decoding/choice.js';
import { branches } from '../../language-server/decoding/drafting/branches.js';
import { superposed } from '../../language-server/decoding/drafting/superposed.js';
import type { EndingRule } from '../../language-server/decoding/finish.js';
import { oneOf } from '../support/one-of.js';
import { runScript } from '../support/scripted-decoding.js';

const letters = ['a', 'b', 'c', 'ab', 'bc', '.', ';', '\n'];

describe('one draft', () => {
  test('takes the likeliest token until the text ends', async () => {
    const run = await runScript(letters, (written) =>
      written === 'abc' ? { '<end>': 0.9 } : { [letters[written.length]!]: 0.8 },
    );
    expect(run.texts).toEqual(['abc']);
    expect(run.drafts[0]).toMatchObject({
      ending: 'end-of-text',
      tokens: [{ text: 'a' }, { text: 'b' }, { text: 'c' }],
    });
    expect(run.drafts[0]!.logProb).toBeCloseTo(3 * Math.log(0.8), 4);
    expect(run.steps).toBe(4);
  });

  test('ends when its tokens are spent', async () => {
    const run = await runScript(letters, () => ({ a: 0.9 }), { maxTokens: 5 });
    expect(run.drafts[0]).toMatchObject({ text: 'aaaaa', ending: 'length' });
  });

  test('ends when its time is spent, with what it has', async () => {
    let steps = 0;
    const run = await runScript(letters, () => ({ a: 0.9 }), { isLate: () => ++steps === 3 });
    expect(run.drafts[0]).toMatchObject({ text: 'aaa', ending: 'time' });
  });

  test('never takes markup, and says so', async () => {
    const markup = letters.length + 1;
    const run = await runScript(
      [...letters, new Uint8Array(0)],
      (written): Readonly<Record<string, number>> => (written === '' ? { a: 0.4 } : { '<end>': 1 }),
      { choose: (logits, _, at) => logits.map((logit, token) => (at === 0 && token === markup ? 1 : logit)) },
    );
    expect(run.texts).toEqual(['a']);
    expect(run.trace).toContainEqual(expect.objectContaining({ kind: 'refused', by: 'markup' }));
  });

  test('characters in pieces come out whole; what could never be text is refused', async () => {
    const [e2, e282, ac] = [Uint8Array.of(0xe2), Uint8Array.of(0x82), Uint8Array.of(0xac)];
    const run = await runScript(['a', e2, e282, ac], () => ({ a: 0.9 }), {
      maxTokens: 4,
      // Tokens 2, 3, 4 in turn; then token 3 again, which cannot begin a character.
      choose: (_, __, at) =>
        Float32Array.from({ length: 5 }, (_unused, token) =>
          token === [2, 3, 4, 3][at] ? 1 : token === 1 ? 0.5 : 0,
        ),
    });
    expect(run.history.map(([draft]) => draft!.text)).toEqual(['', '', '€', '€a']);
    expect(run.trace).toContainEqual(expect.objectContaining({ kind: 'removed', at: 3 }));
  });
});

describe('constraints', () => {
  test('the likeliest allowed token is taken; the trace says what was refused, and how much of the mass', async () => {
    const run = await runScript(
      letters,
      (written) => (written === '' ? { b: 0.6, a: 0.3 } : { '<end>': 0.9 }),
      {
        constraint: oneOf(['a']),
      },
    );
    expect(run.drafts[0]).toMatchObject({ text: 'a', ending: 'end-of-text' });
    expect(run.drafts[0]!.logProb).toBeCloseTo(Math.log(0.3), 3);
    expect(run.drafts[0]!.removed).toBeCloseTo(0.6, 3);
    expect(run.trace[0]).toMatchObject({ kind: 'refused', at: 0, token: 'b', by: 'list' });
    expect(run.trace[1]).toMatchObject({ kind: 'removed', at: 0 });
    expect((run.trace[1] as { probability: number }).probability).toBeCloseTo(0.6, 3);
  });

  test('the end of the text is refused where the text may not end', async () => {
    const run = await runScript(letters, (written) => ({ '<end>': 0.8, [written === '' ? 'a' : 'b']: 0.1 }), {
      constraint: oneOf(['ab']),
    });
    expect(run.drafts[0]).toMatchObject({ text: 'ab', ending: 'end-of-text' });
    // Once before each of its tokens.
    expect(run.drafts[0]!.removed).toBeCloseTo(1.6, 2);
  });

  test('a token that spans what is allowed and what is not is refused', async () => {
    const run = await runScript(letters, () => ({ ab: 0.7, a: 0.2, '<end>': 0.05 }), {
      constraint: oneOf(['ac', 'a']),
    });
    expect(run.texts).toEqual(['a']);
  });

  test('without an allowed token the draft goes back to where it may end', async () => {
    const run = await runScript(['a', 'b'], (written) => (written.length < 2 ? { a: 0.9 } : { b: 0.9 }), {
      constraint: oneOf(['a', 'aac']),
    });
    expect(run.drafts[0]).toMatchObject({ text: 'a', ending: 'dead-end' });
  });

  test('a draft that is too long goes back to where the model most wanted to end, if it may end there', async () => {
    // It may end after ab and abca; it wants to end after a, ab and, most, abc.
    const script = (written: string) => ({
      [letters[written.length % 3]!]: 0.6,
      '<end>': { a: 0.3, ab: 0.2, abc: 0.35, abca: 0.1 }[written] ?? 0.001,
    });
    const constraint = oneOf(['ab', 'abca', 'abcabcabcabc']);
    const { drafts, trace } = await runScript(letters, script, { constraint, maxTokens: 6 });
    expect(drafts[0]).toMatchObject({ text: 'ab', ending: 'length' });
    expect(trace.at(-1)).toMatchObject({
      text: 'Kept 2 of its 6 tokens of "abcabc": the model wanted to end there most, by 23 %.',
    });
    const unwanted = await runScript(letters, (written) => ({ [letters[written.length % 3]!]: 0.95 }), {
      constraint,
      maxTokens: 6,
    });
    expect(unwanted.texts).toEqual(['abca']);
  });

  test('without any place to end nothing is left', async () => {
    const run = await runScript(['a', 'b'], () => ({ a: 0.9 }), { constraint: oneOf(['aac']) });
    expect(run.drafts[0]).toMatchObject({ text: '', ending: 'dead-end' });
  });

  test('a rule may not end a draft where the constraint does not let it', async () => {
    const run = await runScript(['a', ';'], (written) => (written.length % 2 ? { ';': 0.9 } : { a: 0.9 }), {
      constraint: oneOf(['a;a;']),
      endingRule: (draft) =>
        draft.text.endsWith(';') ? [{ ending: 'statement', keep: draft.text.length }] : [],
    });
    expect(run.drafts[0]).toMatchObject({ text: 'a;a;', ending: 'statement' });
  });

  test('neither a rule nor the model ends a draft where the file would have more errors than it has', async () => {
    const script = (written: string) =>
      written === 'ab' ? { c: 0.6, '<end>': 0.3 } : { [letters[written.length % 3]!]: 0.95 };
    const run = async (worse: readonly string[]) =>
      runScript(letters, script, { healed: 'a', maxTokens: 6, worsens: (text) => worse.includes(text) });
    expect((await run([])).texts).toEqual(['ab']);
    expect((await run(['b'])).texts).toEqual(['abcabc']);
    expect((await run(['b', 'bcabc'])).texts).toEqual(['abcab']);
    const endingRule: EndingRule = ({ text }) => (text === 'ab' ? [{ ending: 'line', keep: 2 }] : []);
    const ruled = async (worse: string) =>
      runScript(letters, (written) => ({ [letters[written.length % 3]!]: 0.9 }), {
        healed: 'a',
        maxTokens: 4,
        endingRule,
        worsens: (text) => text === worse,
      });
    expect((await ruled('')).texts).toEqual(['ab']);
    expect((await ruled('b')).texts).toEqual(['abca']);
  });

  test('an ending inside a token keeps only that much of it', async () => {
    const run = await runScript(
      ['a', ';\n', 'b'],
      (written) => (written === '' ? { a: 0.9 } : { ';\n': 0.9 }),
      {
        endingRule: (draft) =>
          draft.text.includes('\n') ? [{ ending: 'line', keep: draft.text.indexOf('\n') }] : [],
      },
    );
    expect(run.drafts[0]).toMatchObject({
      text: 'a;',
      ending: 'line',
      tokens: [{ text: 'a' }, { text: ';' }],
    });
  });
});

describe('several drafts', () => {
  const script = (written: string): Record<string, number> =>
    ({ '': { a: 0.6, b: 0.3, c: 0.1 }, a: { ';': 0.5 }, b: { ';': 0.99 }, c: { ';': 0.9 } })[written] ?? {
      '<end>': 0.99,
    };

  test('part ways at the first token, run as one batch, and are ranked by their probability', async () => {
    const run = await runScript(letters, script, { width: 3 });
    // 0.6 * 0.5 against 0.3 * 0.99 and 0.1 * 0.9.
    expect(run.texts).toEqual(['a;', 'b;', 'c;']);
    expect(run.batches).toEqual([1, 3, 3]);
    const logProbs = run.drafts.map((draft) => draft.logProb);
    expect([...logProbs].sort((a, b) => b - a)).toEqual(logProbs);
  });

  test('the first of several greedy drafts is the single one', async () => {
    const [one, three] = [await runScript(letters, script), await runScript(letters, script, { width: 3 })];
    expect(three.texts).toContain(one.texts[0]);
  });

  test.each([
    ['branches', branches],
    ['superposed', superposed(() => 0.5)],
  ])('%s do not part where the model would rather have ended the text', async (_, drafting) => {
    const ends = (end: number) => (written: string) =>
      written === '' ? { '<end>': end, a: 0.6 * (1 - end), b: 0.4 * (1 - end) } : { ';': 0.99 };
    const endingRule = ({ text }: { readonly text: string }) =>
      text.length < 2 ? [] : [{ ending: 'line' as const, keep: 2 }];
    const at = (end: number) =>
      runScript(letters, ends(end), { width: 2, drafting, endsWithLine: true, endingRule });
    expect((await at(0.1)).texts).toEqual(['a;', 'b;']);
    expect((await at(0.98)).texts).toEqual(['a;']);
  });

  test('a refused first token leaves its place to the next', async () => {
    const run = await runScript(letters, script, { width: 2, constraint: oneOf(['b;', 'c;']) });
    expect(run.texts).toEqual(['b;', 'c;']);
  });

  test('drafts that have ended take no further steps', async () => {
    const run = await runScript(
      letters,
      (written) =>
        written === ''
          ? { a: 0.5, b: 0.5 }
          : written.startsWith('a') || written === 'bcc'
            ? { '<end>': 0.9 }
            : { c: 0.9 },
      { width: 2 },
    );
    expect(run.batches).toEqual([1, 2, 1, 1]);
  });
});

describe('sampling', () => {
  const script = (written: string): Record<string, number> =>
    written.length === 3 ? { '<end>': 1 } : { a: 0.5, b: 0.3, c: 0.2 };

  test('a seed fixes the answer, another seed changes it', async () => {
    const texts = async (seed: number): Promise<string> =>
      (await runScript(letters, script, { width: 3, choose: sampled(1, seed) })).texts.join();
    const first = await texts(1);
    expect(await texts(1)).toBe(first);
    const others = await Promise.all([2, 3, 4, 5, 6].map(texts));
    expect(others.some((other) => other !== first)).toBe(true);
  });

  test('first tokens come as often as they are likely', () => {
    const logits = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
    const counts = [0, 0, 0];
    const rounds = 20_000;
    for (let seed = 0; seed < rounds; seed++) {
      const scores = sampled(1, seed)(logits, 0, 0);
      counts[scores.indexOf(Math.max(...scores))]!++;
    }
    // Three standard deviations of a share near one half.
    const tolerance = 3 * Math.sqrt(0.25 / rounds);
    [0.5, 0.3, 0.2].forEach((share, token) => {
      expect(Math.abs(counts[token]! / rounds - share)).toBeLessThan(tolerance);
    });
  });

  test('a low temperature is greedy', () => {
    const logits = Float32Array.of(1, 3, 2);
    for (let seed = 0; seed < 50; seed++) {
      const scores = sampled(0.01, seed)(logits, 0, 0);
      expect(scores.indexOf(Math.max(...scores))).toBe(greedy(logits, 0, 0).indexOf(3));
    }
  });
});

describe('healing', () => {
  const tokens = ['fo', 'foo', 'food', 'o', 'd', 'bar', 'f'];

  test('the healed text is spelled in the likeliest way, whatever else is likelier', async () => {
    const run = await runScript(
      tokens,
      (written) => (written === '' ? { bar: 0.7, food: 0.2, fo: 0.05 } : { '<end>': 0.9 }),
      {
        healed: 'fo',
      },
    );
    expect(run.texts).toEqual(['food']);
    expect(run.trace).toEqual([]);
  });

  test('it may be spelled in pieces, and the text may not end before it is spelled', async () => {
    const run = await runScript(
      tokens,
      (written) => ({ '': { f: 0.6 }, f: { '<end>': 0.8, o: 0.1 }, fo: { '<end>': 0.9 } })[written] ?? {},
      { healed: 'fo' },
    );
    expect(run.drafts[0]).toMatchObject({ text: 'fo', ending: 'end-of-text' });
  });

  test('drafts part ways after it, not over its spelling', async () => {
    const run = await runScript(
      tokens,
      (written) => ({ '': { fo: 0.6, f: 0.3 }, fo: { d: 0.5, bar: 0.4 } })[written] ?? { '<end>': 1 },
      { healed: 'fo', width: 2 },
    );
    expect(run.texts).toEqual(['fod', 'fobar']);
  });
});

describe('questions', () => {
  /** After a dot, only what the answer lists may follow; nobody knows what to allow before the answer. */
  function members(
    written = '',
    since?: { readonly at: number; readonly known: readonly string[] | undefined },
  ): Constraint {
    const question: Question = {
      key: `members:${since?.at}`,
      kind: 'members',
      written: written.slice(0, since?.at),
    };
    const constraint: Constraint = {
      name: 'members',
      questions: since && !since.known ? [question] : [],
      after(text) {
        const next = written + text;
        const dot = next.lastIndexOf('.') + 1;
        const state = dot === 0 ? undefined : since?.at === dot ? since : { at: dot, known: undefined };
        const allowed = !state?.known || state.known.some((name) => name.startsWith(next.slice(dot)));
        return allowed ? members(next, state) : undefined;
      },
      mayEnd: () => true,
      closed: () => undefined,
      answered: (_, answer) =>
        since && Array.isArray(answer) ? members(written, { ...since, known: answer as string[] }) : anything,
    };
    return constraint;
  }
  const tokens = ['a', '.', '.b', 'b', 'c'];

  test('are answered before what follows is judged', async () => {
    const asked: string[] = [];
    const run = await runScript(
      tokens,
      (written) =>
        ({ '': { a: 0.9 }, a: { '.': 0.9 }, 'a.': { b: 0.6, c: 0.3 } })[written] ?? { '<end>': 0.9 },
      { constraint: members(), ask: (question) => (asked.push(question.written), Promise.resolve(['c'])) },
    );
    expect(run.texts).toEqual(['a.c']);
    expect(asked).toEqual(['a.']);
    expect(run.trace).toContainEqual(expect.objectContaining({ kind: 'asked', answered: true }));
    expect(run.trace).toContainEqual(expect.objectContaining({ kind: 'refused', token: 'b', by: 'members' }));
  });

  test('that arise inside a token decide on that token', async () => {
    const run = await runScript(
      tokens,
      (written) =>
        ({ '': { a: 0.9 }, a: { '.b': 0.6, '.': 0.3 }, 'a.': { c: 0.9 } })[written] ?? { '<end>': 0.9 },
      { constraint: members(), ask: () => Promise.resolve(['c']) },
    );
    expect(run.texts).toEqual(['a.c']);
  });

  test.each([
    ['late', () => new Promise<unknown>(() => undefined)],
    ['unknown', () => Promise.resolve(undefined)],
    ['failing', () => Promise.reject(new Error('no server'))],
  ])('with an answer that is %s do not constrain', async (_, ask) => {
    const run = await runScript(
      tokens,
      (written) => ({ '': { a: 0.9 }, a: { '.': 0.9 }, 'a.': { b: 0.9 } })[written] ?? { '<end>': 0.9 },
      { constraint: members(), ask, answerMs: 20 },
    );
    expect(run.texts).toEqual(['a.b']);
    expect(run.trace).toContainEqual(expect.objectContaining({ kind: 'asked', answered: false }));
  });
});
