/** Random drafts in random places: what editors and readers rely on, whatever the text. */
import { expect, test } from 'vitest';
import { fitLineSuffix } from '../../language-server/completion/filters/fit-line-suffix.js';
import { randomNumbers } from '../support/random-numbers.js';

const alphabet = ['a', 'b', '(', ')', '[', ']', '{', '}', '"', "'", '`', ';', ',', ' ', '\n', '\\', '=', '>'];

const onlyClosers = /^[\s)\]}>"'`;,:]*$/;

test('what is replaced is written again, in its order, and a draft only loses its end', () => {
  const random = randomNumbers(4242);
  const some = (most: number, from = alphabet) =>
    Array.from({ length: Math.floor(random() * most) }, () => from[Math.floor(random() * from.length)]!).join(
      '',
    );
  const oneLine = alphabet.filter((unit) => unit !== '\n');
  let replacing = 0;
  for (let round = 0; round < 20_000; round++) {
    const draft = some(14);
    const linePrefix = some(8, oneLine);
    const lineSuffix = some(6, oneLine);
    const { text, replaced } = fitLineSuffix(draft, { linePrefix, lineSuffix });
    const seen = JSON.stringify({ draft, linePrefix, lineSuffix, text, replaced });
    expect(draft.startsWith(text), seen).toBe(true);
    expect(isSubsequence(lineSuffix.slice(0, replaced).replaceAll(' ', ''), text), seen).toBe(true);
    // What is left of the line must stand right behind what was replaced, and not behind lines that follow.
    const left = lineSuffix.slice(replaced).trim();
    if (left !== '' && 0 < replaced) expect(text.endsWith(lineSuffix[replaced - 1]!), seen).toBe(true);
    if (left !== '' && replaced === 0 && !onlyClosers.test(left))
      expect(text.includes('\n'), seen).toBe(false);
    if (0 < replaced) replacing++;
  }
  expect(replacing).toBeGreaterThan(400);
});

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const unit of whole) if (unit === part[at]) at++;
  return at === part.length;
}
