/** Tokens that close, and tokens with which the text after the cursor can go on. */
import { describe, expect, test } from 'vitest';
import { closingTokens } from '../../language-server/decoding/closing/closing-tokens.js';
import { followingTokens } from '../../language-server/decoding/following/following-tokens.js';
import { toyToken, toyTokenizer } from '../support/toy-vocabulary.js';

describe('tokens', () => {
  const texts = [
    '\n',
    '});',
    '  ',
    ' )',
    '#',
    '//',
    'a)',
    '_',
    'end',
    ' end',
    'ends',
    '\\n',
    '$',
    '</',
    '!--',
  ];
  const { vocabulary } = toyTokenizer(texts);

  test('that close say nothing new and hide nothing', () => {
    const closing = closingTokens(vocabulary).map((token) =>
      Buffer.from(vocabulary.bytesOf(token)).toString(),
    );
    expect(closing).toEqual(['\n', '});', '  ', ' )', 'end', ' end', '</']);
  });

  test.each([
    ['a blank rest of the line: line ends, and the end', '  \nx', ['\n', '<end>']],
    ['CRLF', '\r\nx', ['\n', '<end>']],
    ['the end of the file', '', ['\n', '<end>']],
    ['other text: what agrees with it', '}); x', ['});']],
  ])('that may follow: %s', (_, after, expected) => {
    const following = followingTokens(after, vocabulary);
    expect([...following].sort()).toEqual(expected.map((text) => toyToken(vocabulary, text)).sort());
  });
});
