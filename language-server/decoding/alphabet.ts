/** What of the vocabulary matters to a model that reads ahead: which tokens are text, and which end a draft. */
import type { Alphabet } from '../inference/speculation/guesses.js';
import type { Vocabulary } from '../tokens/vocabulary.js';

const NEWLINE = 10;

/** Nobody reads on after the end of the text; nor, where the rest of a line is written, after the line's. */
export function alphabetOf(vocabulary: Vocabulary, endsWithLine: boolean): Alphabet {
  const isText: Alphabet['isText'] = (token) => vocabulary.bytesOf(token).length > 0;
  return {
    isText,
    goesOn: (token) => isText(token) && !(endsWithLine && vocabulary.bytesOf(token).includes(NEWLINE)),
  };
}
