/** Lines after which a draft might have ended, and what is shown of drafts that filters cut, with a real grammar. */
import { expect, test } from 'vitest';
import { cutToJoin } from '../../language-server/completion/cut-to-join.js';
import { grammarConstraint } from '../../language-server/constraints/grammar-constraint.js';
import { joiningLines } from '../../language-server/decoding/joining-lines.js';
import { grammarOf } from '../support/grammars.js';
import { runScript } from '../support/scripted-decoding.js';

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

async function linesOf(wish: string): Promise<readonly number[]> {
  const language = await grammarOf('typescript');
  const grammar = grammarConstraint({ language, before: 'f();\n', after: '\ng();\n' });
  if ('off' in grammar) throw new Error(grammar.off);
  using open = grammar;
  const { drafts } = await runScript(
    ['\n', ...printable],
    (written) => ({ [wish[written.length] ?? '!']: 0.9 }),
    { constraint: open.constraint, after: '\ng();\n', maxTokens: wish.length },
  );
  return joiningLines(drafts[0]!, { healed: '' });
}

test('a line joins where nothing is open', async () => {
  expect(await linesOf('a();\nb({\n  c,\n});\nd();\n')).toEqual([1, 4]);
  expect(await linesOf('a();')).toEqual([]);
});

const text = 'a();\nb({\n  c,\n});\nd();';
const draft = { text, tokens: [], logProb: 0, ending: 'joins' } as const;

test.each([
  ['a whole draft stays', text, text],
  ['also without its last line end', `${text}\n`, text],
  ['lines that join stay', 'a();\nb({\n  c,\n});', 'a();\nb({\n  c,\n});'],
  ['others are cut back to those that do', 'a();\nb({\n  c,', 'a();'],
])('%s', (_, kept, shown) => {
  expect(
    cutToJoin(kept.trimEnd(), { ...draft, text: kept.length > text.length ? kept : text, joins: [1, 4] }),
  ).toBe(shown);
});

test('nothing is shown where no line joins; all is where nobody judged it', () => {
  expect(cutToJoin('a();\nb({', { ...draft, joins: [4] })).toMatchObject({ reason: 'repeats' });
  expect(cutToJoin('a();\nb({', draft)).toBe('a();\nb({');
});
