/** When a list of members is known to be whole without asking. */
import { expect, test } from 'vitest';
import type { Name } from '../../language-server/monitors/questions.js';
import { WholeLists } from '../../language-server/monitors/servers/whole-lists.js';

const names = (count: number, prefix = 'n'): readonly Name[] =>
  Array.from({ length: count }, (_, index) => ({ text: `${prefix}${index}`, kind: 'method' }));

/** Lists, and how often somebody was asked about them. */
function counted() {
  const lists = new WholeLists();
  let asked = 0;
  const has = (list: readonly Name[], answer: boolean, languageId = 'python') =>
    lists.has(languageId, list, () => (asked++, Promise.resolve(answer)));
  return { lists, has, asked: () => asked };
}

test('a long list that was whole is whole wherever it comes, in whatever order', async () => {
  const { has, asked } = counted();
  expect(await has(names(9), true)).toBe(true);
  expect(await has([...names(9)].reverse(), false)).toBe(true);
  expect(asked()).toBe(1);
});

test.each([
  ['one that was not', names(9), false, names(9), 'python'],
  ['a short one', names(3), true, names(3), 'python'],
  ['one with another name', names(9), true, [...names(8), ...names(1, 'm')], 'python'],
  ['one of another language', names(9), true, names(9), 'typescript'],
] as const)('%s is asked about', async (_, first, answer, second, languageId) => {
  const { has, asked } = counted();
  expect(await has(first, answer)).toBe(answer);
  expect(await has(second, false, languageId)).toBe(false);
  expect(asked()).toBe(2);
});

test('nothing is known once files have changed', async () => {
  const { lists, has } = counted();
  await has(names(9), true);
  lists.forget();
  expect(await has(names(9), false)).toBe(false);
});

test('those asked about longest ago are forgotten when there are many', async () => {
  const { has } = counted();
  for (let index = 0; index < 300; index++) await has(names(9, `n${index}_`), true);
  expect(await has(names(9, 'n299_'), false)).toBe(true);
  expect(await has(names(9, 'n0_'), false)).toBe(false);
});
