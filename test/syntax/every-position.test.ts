/** Every beginning of a right file is accepted, wherever it is cut: the strongest cheap test there is. */
import { expect, test } from 'vitest';
import { readingOf, showCut } from '../bench/syntax-judges.js';
import { denseSamples } from '../support/dense-samples.js';
import { grammarNames, grammarOf } from '../support/grammars.js';

const firstClass = ['typescript', 'tsx', 'javascript', 'python'];

async function refusals(name: string, pieceAt: (cut: number) => number): Promise<readonly string[]> {
  const language = await grammarOf(name);
  return denseSamples(name).flatMap(({ title, text }) => {
    const reading = readingOf(language, text);
    const cuts = Array.from({ length: text.length + 1 }, (_, cut) => cut);
    return cuts
      .filter((cut) => !reading.acceptsUpTo(cut, pieceAt(cut)))
      .map((cut) => `${title}: ${showCut(text, cut)}`);
  });
}

test.each(grammarNames)('%s as typed', async (name) => {
  expect(await refusals(name, () => 0)).toEqual([]);
});

test.each(firstClass)('%s with 1 to 20 characters written', async (name) => {
  expect(await refusals(name, (cut) => 1 + (cut % 20))).toEqual([]);
});
