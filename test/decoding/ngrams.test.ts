/** N-grams: the table of a bundle, counts of the texts at hand, and both together. */
import { describe, expect, test } from 'vitest';
import { interpolated } from '../../language-server/decoding/ngrams/interpolated.js';
import { countNgrams } from '../../language-server/decoding/ngrams/ngram-counts.js';
import { hashOf } from '../../language-server/decoding/ngrams/ngram-hash.js';
import { noTable, readNgramTable } from '../../language-server/decoding/ngrams/ngram-table.js';

/** A table of `slots` slots with n-grams and the steps of their probabilities. */
function tableOf(slots: number, entries: readonly (readonly [readonly number[], number])[]): Uint8Array {
  const bytes = new Uint8Array(20 + 4 * slots);
  const view = new DataView(bytes.buffer);
  [0x52474e43, 1, 2, 6, slots].forEach((value, at) => {
    view.setUint32(4 * at, value, true);
  });
  for (const [tokens, step] of entries) {
    const [place, print] = hashOf(tokens, 0, tokens.length);
    let slot = Math.floor((place / 2 ** 32) * slots);
    while (view.getUint32(20 + 4 * slot, true) !== 0) slot = (slot + 1) % slots;
    view.setUint32(20 + 4 * slot, ((print & 0xffffff) << 8) | step, true);
  }
  return bytes;
}

test('hashes are those of the recipe', () => {
  // models/recipe/ngrams/tests/test_table.py holds the same numbers.
  expect(hashOf([5, 7, 11], 0, 3)).toEqual([3776713733, 672927304]);
  expect(hashOf([1, 49151, 1], 1, 2)).toEqual([1013573228, 2709921365]);
});

describe('a table', () => {
  test('tells the share that was written, and 0 of what it does not hold', () => {
    const entries = Array.from({ length: 40 }, (_, at) => [[at, at + 1], at] as const);
    const table = readNgramTable(tableOf(50, entries), 'a test');
    for (const [tokens, step] of entries) {
      expect(table.probability([9, ...tokens], 1, 3)).toBeCloseTo(Math.exp(-step / 24), 10);
    }
    expect(table.probability([40, 1], 0, 2)).toBe(0);
    expect(table.orders).toEqual([2, 6]);
  });

  test('that is full is searched to its end, and no further', () => {
    const table = readNgramTable(
      tableOf(2, [
        [[1, 2], 0],
        [[2, 3], 0],
      ]),
      'a test',
    );
    expect(table.probability([7, 8], 0, 2)).toBe(0);
  });

  test.each([
    ['is something else', new Uint8Array(40), /a file is not a table of n-grams/],
    ['is cut off', tableOf(9, []).subarray(0, 40), /a file is cut off/],
    ['is of another version', Object.assign(tableOf(9, []), { 4: 2 }), /a file has version 2/],
  ])('that %s says so', (_, bytes, message) => {
    expect(() => readNgramTable(bytes, 'a file')).toThrow(message);
  });
});

describe('counts', () => {
  const counted = countNgrams(
    [
      [1, 2, 1, 2, 1, 3],
      [1, 2],
    ],
    [2, 6],
  );

  test('are shares of what follows', () => {
    expect(counted.probability([1, 2], 0, 2)).toBe(3 / 4);
    expect(counted.probability([1, 3], 0, 2)).toBe(1 / 4);
    expect(counted.probability([1, 2, 1], 0, 3)).toBe(1);
    expect(counted.probability([3, 1], 0, 2)).toBe(0);
  });

  test('do not reach from one text into the next', () => {
    expect(countNgrams([[1], [2]], [2, 6]).probability([1, 2], 0, 2)).toBe(0);
  });
});

describe('interpolated', () => {
  test('longer n-grams that agree count for more, and what is unseen is unlikely, not impossible', () => {
    const next = interpolated([countNgrams([[1, 2, 3, 4, 5, 6]], [2, 6])]);
    const longer = next([1, 2, 3, 4, 5], 6);
    const shorter = next([9, 9, 9, 4, 5], 6);
    expect(longer).toBeCloseTo(1, 3);
    // The 2-gram and the 3-gram: .01 + .04 of .50.
    expect(shorter).toBeCloseTo(0.1, 3);
    expect(next([1, 2, 3, 4, 5], 7)).toBeCloseTo(1e-4, 10);
  });

  test('the mean of its sources', () => {
    const counted = countNgrams([[1, 2, 3, 4, 5, 6]], [2, 6]);
    expect(interpolated([counted, noTable])([1, 2, 3, 4, 5], 6)).toBeCloseTo(0.5, 3);
  });
});
