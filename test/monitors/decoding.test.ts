/** Monitors in the decode loop: what the model may say, what it is not forced to say, and what the trace tells. */
import { describe, expect, test } from 'vitest';
import type { Ask } from '../../language-server/decoding/answers.js';
import { monitorsFor } from '../../language-server/monitors/monitors-for.js';
import type { Answer } from '../../language-server/monitors/questions.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';

const place = { languageId: 'typescript', before: 'const n = value', after: '', lead: '' };
const constraint = monitorsFor(place);
const spellings = ['.', '.length', '.size', '.sli', 'ce', '(', ')', ';', 'length', 'size'];

const members = (...names: string[]): Answer => ({
  names: names.map((text) => ({ text, kind: 'property' })),
  complete: true,
});
const answering =
  (answer: Answer): Ask =>
  (question) =>
    Promise.resolve(question.kind === 'members' ? answer : undefined);

const write = (script: TextScript, answer: Answer, maxTokens = 1) =>
  runScript(spellings, script, { constraint, ask: answering(answer), maxTokens });

describe('a name that does not exist', () => {
  test('gives way to the likeliest that does, though the dot is inside the token', async () => {
    const { texts, trace } = await write(
      () => ({ '.size': 0.6, '.length': 0.3 }),
      members('length', 'slice'),
    );
    expect(texts).toEqual(['.length']);
    expect(trace).toContainEqual(expect.objectContaining({ kind: 'refused', token: '.size', by: 'members' }));
  });

  test('gives way, too, where the dot was a token of its own', async () => {
    const script: TextScript = (written) => (written === '' ? { '.': 0.9 } : { size: 0.6, length: 0.3 });
    const { texts } = await write(script, members('length'), 2);
    expect(texts).toEqual(['.length']);
  });

  test('is not refused in its first half only', async () => {
    const script: TextScript = (written) => (written === '' ? { '.sli': 0.9 } : { '(': 0.6, ce: 0.3 });
    const { texts } = await write(script, members('length', 'slice'), 2);
    expect(texts).toEqual(['.slice']);
  });
});

describe('nothing is forced', () => {
  test('where so little is left that the model means something else', async () => {
    const { texts, trace } = await write(() => ({ '.size': 0.96, '.length': 0.02 }), members('length'));
    expect(texts).toEqual(['.size']);
    expect(trace).toContainEqual({
      kind: 'note',
      text: expect.stringContaining('Not forced at token 0') as string,
    });
  });

  test('but a name that has been begun goes on', async () => {
    const script: TextScript = (written) => (written === '' ? { '.sli': 0.9 } : { '(': 0.97, ce: 0.02 });
    const { texts } = await write(script, members('slice'), 2);
    expect(texts).toEqual(['.slice']);
  });

  test('but the next name is judged again', async () => {
    const script: TextScript = (written) =>
      written === '' ? { '.size': 0.96 } : { '.size': 0.6, '.length': 0.3 };
    const { texts } = await write(script, members('length'), 2);
    expect(texts).toEqual(['.size.length']);
  });

  test.each([
    ['nobody answers', undefined, 'members: no answer'],
    ['the receiver is not known', { unknown: 'dynamic receiver' }, 'members: dynamic receiver'],
    [
      'the list is incomplete',
      { names: [{ text: 'length', kind: 'property' }], complete: false },
      'members: incomplete list',
    ],
    ['the list is empty', { names: [], complete: true }, 'members: empty list'],
  ] as const)('where %s, and the trace says so', async (_, answer, why) => {
    const { texts, trace } = await write(() => ({ '.size': 0.6, '.length': 0.3 }), answer);
    expect(texts).toEqual(['.size']);
    expect(trace).toContainEqual({ kind: 'abstained', at: 0, why });
  });
});

test('what is asked at the cursor is asked before the model has read the prompt', async () => {
  const asked: string[] = [];
  const atDot = monitorsFor({ ...place, before: 'const n = value.' });
  const seen: number[] = [];
  await runScript(spellings, () => ({ length: 0.9 }), {
    constraint: atDot,
    maxTokens: 1,
    ask: (question) => {
      asked.push(question.key);
      return Promise.resolve(members('length'));
    },
    onStep: () => seen.push(asked.length),
  });
  expect(seen).toEqual([1]);
});
