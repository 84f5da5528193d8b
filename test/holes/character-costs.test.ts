/** Who pays for what: sums are kept, blanks do not pay for words, filters may change blanks. */
import { describe, expect, test } from 'vitest';
import { carryCosts, characterCosts } from '../../language-server/holes/character-costs.js';

const token = (text: string, cost: number) => ({ text, logProb: -cost });
const sum = (costs: Float64Array | undefined): number => costs!.reduce((all, one) => all + one, 0);

describe('costs of characters', () => {
  test('are shared by the visible characters of a token', () => {
    expect([...characterCosts([token(' ab', 2), token('\n  ', 3)], ' ab\n  ')!]).toEqual([0, 1, 1, 1, 1, 1]);
  });

  test('of a token without text are paid by the next', () => {
    expect([...characterCosts([token('', 1), token('é', 2)], 'é')!]).toEqual([3]);
  });

  test('leave out what stood before the cursor and what was cut off', () => {
    expect([...characterCosts([token('foobar', 6), token(';\n', 1)], 'bar;')!]).toEqual([1, 1, 1, 1]);
  });

  test('are none where tokens do not spell the text, have no probability, or there is no text', () => {
    expect(characterCosts([token('a', 1)], 'b')).toBeUndefined();
    expect(characterCosts([token('a', NaN)], 'a')).toBeUndefined();
    expect(characterCosts([], 'a')).toBeUndefined();
    expect(characterCosts([], '')).toBeUndefined();
  });

  test('stay finite and never below zero', () => {
    const costs = characterCosts([token('a', Infinity), token('b', -1)], 'ab')!;
    expect(Number.isFinite(sum(costs))).toBe(true);
    expect(costs[1]).toBe(0);
  });
});

describe('carried costs', () => {
  const text = 'if (a) {\n\tb;\n}';
  const costs = characterCosts(
    Array.from(text, (unit, i) => token(unit, i)),
    text,
  )!;

  test('follow other indentation and a shorter end', () => {
    const shown = 'if (a) {\n    b;';
    const carried = carryCosts(costs, text, shown)!;
    expect(carried).toHaveLength(shown.length);
    expect(carried[shown.indexOf('b')]).toBe(text.indexOf('b'));
    expect(carried[shown.indexOf('    ')]).toBe(0);
  });

  test('are none for another text', () => {
    expect(carryCosts(costs, text, 'if (b) {')).toBeUndefined();
    expect(carryCosts(costs, text, `${text}more`)).toBeUndefined();
  });
});
