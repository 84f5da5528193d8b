/** Which open files are looked through for code that is alike, and how much of them. */
import { expect, test } from 'vitest';
import { similarSnippets } from '../../language-server/completion/similar-snippets.js';

const reference = 'const total = sumOf(items, price);';
const alike = { uri: 'file:///alike.ts', languageId: 'typescript', version: 1, text: `${reference}\n` };
const long = (characters: number) => ({
  ...alike,
  uri: 'file:///long.ts',
  text: 'x\n'.repeat(characters / 2),
});

test('the first files are looked through until there has been enough text', () => {
  const found = (documents: readonly (typeof alike)[]) =>
    similarSnippets(reference, documents).map(({ document }) => document.uri);
  expect(found([long(100_000), alike])).toEqual([alike.uri]);
  expect(found([alike, long(400_000)])).toEqual([alike.uri]);
  expect(found([long(400_000), alike])).toEqual([]);
});
