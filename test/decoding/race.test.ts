/** When texts that are written side by side need not go on. */
import { expect, test } from 'vitest';
import { Answers } from '../../language-server/decoding/answers.js';
import type { Draft, DraftToken } from '../../language-server/decoding/draft.js';
import { Race } from '../../language-server/decoding/race.js';
import { monitoring } from '../../language-server/monitoring.js';

const silent = new Promise<never>(() => undefined);
const none = { tokens: [], takenBack: 0 };
/** A race whose texts nobody ever judges. */
const race = () =>
  new Race(none, () => false, {
    decoding: {
      healed: '',
      answers: new Answers({ ask: () => silent, deadlineMs: 1e6, trace: () => undefined }),
    },
    monitoring,
  });
const runner = (text: string, logProb: number, ending?: Draft['ending']) => ({
  ...{ text, takenBack: 0, parted: 0, tokens: [{ logProb } as DraftToken] },
  ...(ending && { ending }),
});
/** Whether it is over after so many steps of the same drafts. */
const isOver = (steps: number, ...drafts: readonly ReturnType<typeof runner>[]): boolean => {
  const one = race();
  for (let step = 0; step < steps; step++) one.see(drafts);
  return one.isOver;
};

test('the others get three steps more once the one with the likeliest beginning has ended', () => {
  const drafts = [runner('good', -0.1, 'line'), runner('zoo', -1)] as const;
  expect([isOver(3, ...drafts), isOver(4, ...drafts)]).toEqual([false, true]);
});

test('one that began otherwise after it had to go back may end sooner, and is waited for by none', () => {
  const drafts = [runner('zoo', -3, 'line'), runner('good', -0.1)] as const;
  expect(isOver(20, ...drafts)).toBe(false);
});

test('nor is a mere piece', () => {
  expect(isOver(20, runner('go', -0.1, 'length'), runner('zoo', -3))).toBe(false);
});

test('the likeliest is told by the token with which they part', () => {
  const parted = (text: string, logProbs: readonly number[], ending?: Draft['ending']) => ({
    ...runner(text, 0, ending),
    ...{ parted: 1, tokens: logProbs.map((logProb) => ({ logProb }) as DraftToken) },
  });
  expect(isOver(4, parted('go', [0, -1], 'line'), parted('good', [-9, -2]))).toBe(true);
  expect(isOver(4, parted('go', [-9, -2], 'line'), parted('good', [0, -1]))).toBe(false);
});
