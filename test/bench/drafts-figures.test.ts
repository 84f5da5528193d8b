/** What the drafts benchmark makes of its times: writing, with the reading again, and whole suggestions. */
import { expect, test } from 'vitest';
import { comparedOf } from './drafts/arms.js';
import { draftsFigures } from './drafts/figures.js';
import type { PlaceResult, SetResult } from './drafts/measure-place.js';
import type { Cut } from './cases.js';

const set = (totalMs: number): SetResult => ({
  hit: 0,
  similarity: 0,
  distinct: 1,
  syntaxErrors: 0,
  decodeMs: totalMs,
  totalMs,
});

const result: PlaceResult = {
  length: 8,
  promptMs: 100,
  sets: { greedy: set(100), superposed3: set(180), branches3: set(140) },
  times: {
    greedy: [
      { writing: 50, ranking: 50, cpu: 50 },
      { writing: 100, ranking: 100, cpu: 100 },
    ],
    greedy_ahead: [
      { writing: 35, ranking: 35, cpu: 35 },
      { writing: 70, ranking: 70, cpu: 70 },
    ],
    superposed3: [
      { writing: 55, ranking: 75, cpu: 75 },
      { writing: 110, ranking: 150, cpu: 150 },
    ],
    branches3: [
      { writing: 60, ranking: 60, cpu: 60 },
      { writing: 120, ranking: 120, cpu: 120 },
    ],
  },
};

const places = [{ of: { file: { path: 'a.ts' } } as Cut, result }];
const compared = comparedOf({ arms: 'superposed3,branches3', lengths: '5,10' });
const figures = draftsFigures(places, compared, 1);
const value = (name: string): number | undefined => figures[name]?.value;

test('decode time is writing, and the reading again is in the time of ranking and of the suggestion', () => {
  expect(value('superposed3.decode_time_ratio')).toBeCloseTo(1.1, 5);
  expect(value('superposed3.ranking_time_ratio')).toBeCloseTo(1.5, 5);
  expect(value('superposed3.len10.ranking_time_ratio')).toBeCloseTo(1.5, 5);
  expect(value('superposed3.suggestion_time_ratio')).toBeCloseTo(1.4, 5);
});

test('one draft that is read ahead is timed over one that is not', () => {
  expect(value('greedy_ahead.decode_time_ratio')).toBeCloseTo(0.7, 5);
  expect(value('greedy_ahead.suggestion_time_ratio')).toBeUndefined();
});

test('of drafts that shared no rows nothing is read again: one figure says both', () => {
  expect(value('branches3.decode_time_ratio')).toBeCloseTo(1.2, 5);
  expect(value('branches3.ranking_time_ratio')).toBeUndefined();
});
