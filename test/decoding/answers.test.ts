/** Answers of one request: what is asked once, how long it is waited for, and by whom. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Question } from '../../language-server/constraints/constraint.js';
import { Answers } from '../../language-server/decoding/answers.js';
import { questionAt } from '../../language-server/monitors/questions.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const DEADLINE = 1000;
const about = (written: string): Question => questionAt('members', { written, back: 0, closers: '' });

/** A server that takes so many milliseconds for each question. */
function answering(ms: number) {
  const asked: string[] = [];
  const ask = ({ written }: Question): Promise<unknown> => {
    asked.push(written);
    return new Promise((resolve) => setTimeout(resolve, ms, `after ${written}`));
  };
  return { asked, answers: new Answers({ ask, deadlineMs: DEADLINE, trace: () => undefined }) };
}

test('waits that overlap count once, and what goes on meanwhile does not count', async () => {
  const { answers } = answering(40);
  void answers.meanwhile(about('x.'), 0);
  await vi.advanceTimersByTimeAsync(100);
  expect(answers.waiting.ms).toBe(0);
  const first = answers.of(about('a.'), 0);
  await vi.advanceTimersByTimeAsync(10);
  const second = answers.of(about('b.'), 0);
  await vi.advanceTimersByTimeAsync(40);
  await Promise.all([first, second]);
  expect(answers.waiting.ms).toBe(50);
  const third = answers.of(about('c.'), 0);
  await vi.advanceTimersByTimeAsync(40);
  await third;
  expect(answers.waiting.ms).toBe(90);
});

test('nobody waits beyond the deadline', async () => {
  const { answers } = answering(DEADLINE + 1);
  const answer = answers.of(about('a.'), 0);
  await vi.advanceTimersByTimeAsync(DEADLINE);
  expect(await answer).toBeUndefined();
  expect(answers.waiting.ms).toBe(DEADLINE);
});

test('once it is over, nobody waits; what goes on meanwhile is answered, and what is known stays known', async () => {
  const { asked, answers } = answering(40);
  let finish: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const moved = answers.thatPut(({ written }) => about(`so.${written}`), over);
  const waited = moved.of(about('a.'), 0);
  const meanwhile = moved.meanwhile(about('a.'), 0);
  await vi.advanceTimersByTimeAsync(15);
  finish();
  expect(await waited).toBeUndefined();
  expect(answers.waiting.ms).toBe(15);
  await vi.advanceTimersByTimeAsync(25);
  expect(await meanwhile).toBe('after so.a.');
  // The same place, as whoever does not move questions puts it.
  expect(await answers.of(about('so.a.'), 0)).toBe('after so.a.');
  expect(asked).toEqual(['so.a.']);
});

test('a server that fails answers nothing', async () => {
  const answers = new Answers({
    ask: () => Promise.reject(new Error('gone')),
    deadlineMs: DEADLINE,
    trace: () => undefined,
  });
  expect(await answers.of(about('a.'), 0)).toBeUndefined();
});
