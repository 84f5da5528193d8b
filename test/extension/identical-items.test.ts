/** Older editors show the last of items that look alike; suggestions with holes must not get lost in that. */
import { expect, test } from 'vitest';
import { withoutTwins } from '../../extension/identical-items.js';

const plain = { insertText: 'paint(1);' };
const holes = { insertText: { value: 'paint(${1:1});' } };

test('before 1.100 the plain twin of a suggestion with holes is left out', () => {
  expect(withoutTwins([holes, plain], '1.93.1')).toEqual([holes]);
  expect(withoutTwins([holes, plain], '1.99.3-insider')).toEqual([holes]);
});

test('plain suggestions by themselves are kept in all editors', () => {
  for (const editor of ['1.93.1', '1.100.0', '1.139.1']) {
    expect(withoutTwins([plain, plain], editor)).toEqual([plain, plain]);
  }
});

test('from 1.100 on both are handed over', () => {
  expect(withoutTwins([holes, plain], '1.100.0')).toEqual([holes, plain]);
  expect(withoutTwins([holes, plain], '2.0.0')).toEqual([holes, plain]);
});
