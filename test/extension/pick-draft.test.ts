/** What of picking needs no editor: following the place through changes, and the rows of the list. */
import { describe, expect, test } from 'vitest';
import { describeDraft } from '../../extension/describe-draft.js';
import { placeAfter, type TextChange } from '../../extension/draft-place.js';
import type { OfferedDraft } from '../../language-server/protocol.js';

describe('the place of a draft', () => {
  const change = (rangeOffset: number, rangeLength: number, text: string): TextChange => ({
    rangeOffset,
    rangeLength,
    text,
  });
  const place = { start: 10, end: 12 };

  test('goes along with what changes before it, and stays with what changes behind it', () => {
    expect(placeAfter(place, [change(2, 3, 'longer')])).toEqual({ start: 13, end: 15 });
    expect(placeAfter(place, [change(2, 5, '')])).toEqual({ start: 5, end: 7 });
    expect(placeAfter(place, [change(13, 4, 'x')])).toEqual(place);
    expect(placeAfter(place, [change(20, 0, 'x'), change(0, 0, 'ab')])).toEqual({ start: 12, end: 14 });
  });

  test.each([
    ['typed right before', change(10, 0, 'x')],
    ['typed right behind', change(12, 0, 'x')],
    ['inside', change(11, 0, 'x')],
    ['over its start', change(8, 3, '')],
    ['over its end', change(11, 5, '')],
    ['around it', change(0, 50, '')],
    ['up to its start', change(5, 5, 'x')],
  ])('is lost when something changes %s', (_, one) => {
    expect(placeAfter(place, [one])).toBeUndefined();
  });
});

describe('a row', () => {
  const draft = (text: string, probability: number, holes = 0): OfferedDraft => ({
    id: '1',
    text,
    start: { line: 0, character: 0 },
    end: { line: 0, character: 0 },
    probability,
    tokens: 3,
    holes,
  });

  test('tells the text, how likely it is, and how long', () => {
    expect(describeDraft(draft('  call(a);', 0.416))).toEqual({
      label: 'call(a);',
      description: '42 % likely · 3 tokens',
    });
  });

  test('tells lines and holes, and never 0 %', () => {
    expect(describeDraft(draft('\n  if (a) {\r\n  }', 0.0001, 1))).toEqual({
      label: 'if (a) { …',
      description: '< 1 % likely · 3 tokens · 3 lines · 1 hole',
    });
  });

  test('is cut where it is too long', () => {
    expect(describeDraft(draft('x'.repeat(200), 1)).label).toBe(`${'x'.repeat(100)}…`);
  });
});
