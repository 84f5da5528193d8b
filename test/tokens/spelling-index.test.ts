/** Which tokens agree with a text to be spelled, against looking at every token. */
import { expect, test } from 'vitest';
import { spellingIndex } from '../../language-server/tokens/spelling-index.js';
import { randomNumbers } from '../support/random-numbers.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const letters = 'abc';

test.each([1, 2, 3])('the same tokens as by trying all of them (seed %i)', (seed) => {
  const random = randomNumbers(seed);
  const word = (longest: number): string =>
    Array.from({ length: 1 + Math.floor(random() * longest) }, () => letters[Math.floor(random() * 3)]).join(
      '',
    );
  const { vocabulary } = toyTokenizer([...new Set(Array.from({ length: 60 }, () => word(5)))]);
  const index = spellingIndex(vocabulary);
  const spelled = (token: number): string => new TextDecoder().decode(vocabulary.bytesOf(token));
  for (let round = 0; round < 50; round++) {
    const text = word(6);
    const expected = [...Array(vocabulary.size).keys()].filter(
      (token) => token !== 0 && (spelled(token).startsWith(text) || text.startsWith(spelled(token))),
    );
    const found = [...index.agreeingWith(new TextEncoder().encode(text))].sort((a, b) => a - b);
    expect(found).toEqual(expected);
  }
});
