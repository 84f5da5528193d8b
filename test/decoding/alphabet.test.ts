/** Which tokens are text, and which end a draft. */
import { expect, test } from 'vitest';
import { alphabetOf } from '../../language-server/decoding/alphabet.js';
import { toyToken, toyTokenizer } from '../support/toy-vocabulary.js';

test('the end of the text is none and ends a draft; a new line ends what is the rest of a line', () => {
  const { vocabulary } = toyTokenizer(['a', '\n', '}\n', ' ']);
  const token = (text: string) => toyToken(vocabulary, text);
  const line = alphabetOf(vocabulary, true);
  const block = alphabetOf(vocabulary, false);
  expect(['a', '\n', '<end>'].map((text) => line.isText(token(text)))).toEqual([true, true, false]);
  expect(['a', ' ', '\n', '}\n', '<end>'].map((text) => line.goesOn(token(text)))).toEqual([true, true, false, false, false]); // prettier-ignore
  expect(['a', '\n', '}\n', '<end>'].map((text) => block.goesOn(token(text)))).toEqual([true, true, true, false]); // prettier-ignore
});
