/** The first name of a draft, watched while it is written: drafts that go back, late answers, and time that runs out. */
import { describe, expect, test } from 'vitest';
import { Answers, type Ask } from '../../language-server/decoding/answers.js';
import { BackingUp } from '../../language-server/decoding/aligned/backing-up.js';
import { writeChecked } from '../../language-server/decoding/check-drafts.js';
import type { Draft } from '../../language-server/decoding/draft.js';
import { FirstName } from '../../language-server/decoding/first-name.js';
import type { TraceEntry } from '../../language-server/decoding/write-request.js';
import { monitoring } from '../../language-server/monitoring.js';
import type { Names } from '../../language-server/monitors/questions.js';
import { oneOf } from '../support/one-of.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';

const program = { uri: 'file:///a.ts', languageId: 'typescript', before: 'x = ledger.', after: '' };

function membersOf(...names: readonly string[]): Names {
  return { names: names.map((text) => ({ text, kind: 'property' })), complete: true };
}

/** Knows the members after the dot; whatever is no member is an error. */
function asks({ names, complete }: Names): Ask {
  return ({ kind, written }) => {
    if (kind === 'members') return Promise.resolve({ names, complete });
    const [word = ''] = /^\w*/.exec(written) ?? [];
    const isRight = word === '' || names.some(({ text }) => text === word);
    const error = { start: 0, end: word.length, severity: 'error', message: `no ${word}` };
    return Promise.resolve({ added: isRight ? [] : [error] });
  };
}

function run(
  script: TextScript,
  members: Names,
  options: Parameters<typeof runScript>[2] = {},
  tokens: readonly string[] = ['goo', 'zen', 'ith', 'ba', 'd', '(', ';', '.'],
) {
  const ask = asks(members);
  return runScript(tokens, script, { ask, ...options }, (decoding, model) =>
    writeChecked({ decoding, model, monitoring, program, rewritings: 1, patienceMs: Infinity }),
  );
}

const notes = (trace: readonly TraceEntry[]) =>
  trace.flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));

describe('a draft that goes back', () => {
  const backingUp = () =>
    new BackingUp({ exponent: Infinity, seed: 0, chosenAbove: 0.5, mostRemoved: 0.5, mostTakenBack: 8 });
  /** Begins with a name after which nothing that it wants is allowed; then with `other`. */
  const misled =
    (other: string, end: string): TextScript =>
    (written) =>
      ({
        '': { goo: 0.6, [other]: 0.3, zen: 0.1 },
        goo: { '(': 0.95, ';': 0.05 },
        [other]: { [end]: 0.99 },
        zen: { ith: 0.99 },
      })[written] ?? { '<end>': 0.99 };

  test('is judged by what it says then', async () => {
    const constraint = oneOf(['goo;', 'zenith']);
    const { texts, trace } = await run(misled('zen', 'ith'), membersOf('goo', 'zenith'), {
      constraint,
      backingUp: backingUp(),
    });
    expect(trace.some(({ kind }) => kind === 'backed-up')).toBe(true);
    expect(texts).toEqual(['zenith']);
    expect(notes(trace).join()).not.toContain('refused');
  });

  test('is still ended for a wrong name', async () => {
    const constraint = oneOf(['goo;', 'zenith', 'bad']);
    const { texts, trace } = await run(misled('ba', 'd'), membersOf('goo', 'zenith'), {
      constraint,
      backingUp: backingUp(),
    });
    expect(trace.some(({ kind }) => kind === 'backed-up')).toBe(true);
    expect(notes(trace).join()).toContain('is refused by members');
    expect(texts).not.toEqual(['bad']);
  });
});

test('an answer to what was asked before the draft went back is not taken for one about it', async () => {
  let answer: (names: Names) => void = () => undefined;
  const asked = new Promise<Names>((resolve) => {
    answer = resolve;
  });
  const answers = new Answers({ ask: () => asked, deadlineMs: 60_000, trace: () => undefined });
  const constraint = monitoring.constraint({ ...program, lead: '.' });
  const name = new FirstName(constraint, 1, monitoring, answers);
  const see = (text: string): void => {
    name.see({ text } as Draft);
  };
  see('.g');
  see('');
  see('.zen');
  answer(membersOf('goo', 'zenith'));
  await answers.of(constraint.after('.')!.questions[0]!, 0);
  await new Promise(setImmediate);
  see('.zenith');
  expect(name.wrong).toBeUndefined();
  see('.zenithal');
  expect(name.wrong?.error.message).toBe('"zenithal" is refused by members');
});

test('where time runs out once a first name is known to be wrong, no piece of it is shown', async () => {
  const wrong: TextScript = (written) =>
    ({ '': { ba: 0.9, zen: 0.1 }, ba: { d: 0.99 }, bad: { ba: 0.99 }, zen: { ith: 0.99 } })[written] ?? {
      '<end>': 0.9,
    };
  let repairs = 0;
  const options = {
    trace: (entry: TraceEntry) => {
      if (entry.kind === 'note' && entry.text.startsWith('Written anew')) repairs++;
    },
    isLate: () => repairs > 0,
  };
  const { drafts } = await run(wrong, membersOf('zenith'), options, ['zen', 'ith', 'ba', 'd']);
  expect(repairs).toBe(1);
  expect(drafts.map(({ text, ending }) => ({ text, ending }))).toEqual([{ text: '', ending: 'time' }]);
});
