/** Random suggestions in random places: accepting after typing some of it gives the file that accepting at once gives. */
import { expect, test } from 'vitest';
import { open } from '../support/scripted-editor.js';
import { randomNumbers } from '../support/random-numbers.js';

const pieces = ['a', 'bc', '(', ')', '[', ']', '"', "'", ';', ', ', ' ', '\n  ', '{', '}', '=> ', '😀'];
const suffixes = ['', ')', ');', '")', "']", '})', ' }', '`}', ' + more', '}, []);'];

test('typed or not, the same text comes out, without asking again', async () => {
  const random = randomNumbers(99);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
  let compared = 0;
  for (let round = 0; round < 400; round++) {
    const draft = Array.from({ length: 2 + Math.floor(random() * 12) }, () => pick(pieces)).join('');
    const program = `const f = call(▮${pick(suffixes)}\nlast();\n`;
    const accepted = async (typed: number) => {
      const { editor, writer } = open(program, [{ after: '', drafts: [draft] }]);
      const [first] = (await editor.ask('explicit')).items;
      if (!first) return undefined;
      const all = Array.from(first.text);
      const characters = all.slice(0, typed);
      if (characters.length === all.length) return undefined;
      for (const character of characters) editor.insert(character);
      const { items, source } = await editor.ask('explicit');
      if (source !== 'memory') throw new Error('The model was asked again.');
      expect(writer.requests).toHaveLength(1);
      // Where what is left is there already, nothing is offered, and nothing is missing.
      if (items[0]) editor.accept(items[0]);
      return { text: editor.text().replace('▮', ''), offered: items.length > 0, first };
    };
    const whole = await accepted(0);
    for (let typed = 1; whole && typed < 12; typed++) {
      const part = await accepted(typed);
      if (!part?.offered) continue;
      expect(part.text, JSON.stringify({ draft, program, typed })).toBe(whole.text);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(500);
});
