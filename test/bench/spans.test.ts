/** What is taken out of a line: a name, arguments, or all that stands after a dot. */
import { expect, test } from 'vitest';
import type { CorpusFile } from './corpus.js';
import { spansOf } from './model/spans.js';

const text = "import a from './a.js';\nconst total = items.map(price) + tax;  \nlog('a.b');\n";
const file = { path: 'a.ts', text, language: 'typescript', group: '' } as CorpusFile;

test.each([
  ['member', 'map', '(price) + tax;  \n'],
  ['argument', 'price', ') + tax;  \n'],
  ['after-dot', 'map(price) + tax;', '\n'],
] as const)('%s', (kind, expected, rest) => {
  const [cut, ...others] = spansOf([file], kind, 10, 1);
  expect(others).toEqual([]);
  expect(cut).toMatchObject({ kind, expected, id: expect.stringMatching(/^a\.ts:2:/) as string });
  expect(cut!.after).toBe(`${rest}log('a.b');\n`);
  expect(text.startsWith(cut!.before + expected)).toBe(true);
});
