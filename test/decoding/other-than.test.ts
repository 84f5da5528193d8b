/** What was wrong once is not written again, however it is spaced. */
import { expect, test } from 'vitest';
import { notBeginning, notBeginningWith, otherThan } from '../../language-server/constraints/other-than.js';

const allows = (constraint: ReturnType<typeof otherThan>, text: string): boolean =>
  Array.from(text).reduce<ReturnType<typeof otherThan> | undefined>(
    (at, unit) => at?.after(unit),
    constraint,
  ) !== undefined;

test.each([
  ['bad', 'bad.', false],
  ['bad', '\n  bad.', false],
  [' bad', 'bad.', false],
  ['bad', 'badge', true],
  ['bad', ' bigger', true],
  ['bad', 'good', true],
  [' ', ' ', false],
  [' ', 'good', true],
] as const)('other than %j: %j, %j', (wrong, text, allowed) => {
  expect(allows(otherThan(wrong), text)).toBe(allowed);
  expect(otherThan(wrong).after(text) !== undefined).toBe(allowed);
});

test('what must not begin so may not be longer either', () => {
  expect(allows(notBeginning(' bad'), 'badge')).toBe(false);
  expect(allows(notBeginning(' bad'), 'big')).toBe(true);
});

test('what must not begin with a digit may have one later', () => {
  expect(allows(notBeginningWith(/^\d/), ' 7')).toBe(false);
  expect(allows(notBeginningWith(/^\d/), ' -7')).toBe(true);
});
