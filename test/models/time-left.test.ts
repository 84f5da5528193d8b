/** What is said of the time left: nothing at first, then what the pace so far makes of it. */
import { expect, test } from 'vitest';
import { timeLeft } from '../../models/manage/time-left.js';

function at(moments: readonly (readonly [seconds: number, share: number])[]): string[] {
  let now = 0;
  const left = timeLeft(() => now);
  return moments.map(([seconds, share]) => {
    now = 1000 * seconds;
    return left(share);
  });
}

test('the first moments say nothing', () => {
  expect(at([[5, 0.1], [5.5, 0.2]])).toEqual(['time left unknown yet', 'time left unknown yet']); // prettier-ignore
});

test('the pace since then does, whatever was done before: a conversion that goes on starts anywhere', () => {
  expect(at([[5, 0.25], [15, 0.5]])[1]).toBe('about 20 s left'); // prettier-ignore
  expect(at([[0, 0], [60, 0.1]])[1]).toBe('about 9 min left'); // prettier-ignore
});

test('at the end nothing is left', () => {
  expect(at([[0, 0.5], [9, 1]])[1]).toBe('about 0 s left'); // prettier-ignore
});
