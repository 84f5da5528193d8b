/** Which errors of a text are new beside those of the text without an insertion. */
import { expect, test } from 'vitest';
import { countedFrom, newOnes } from '../../language-server/monitors/servers/new-errors.js';
import type { ServerDiagnostic } from '../../language-server/monitors/servers/read-diagnostics.js';

const at = (line: number, character: number, message = 'wrong', severity = 1): ServerDiagnostic => ({
  range: { start: { line, character }, end: { line, character: character + 2 } },
  severity,
  message,
});

/** `ab` and `ef` stand on lines of their own; `cd` and a line end are put in between. */
const insertion = { text: 'ab\nef\n', offset: 3, inserted: 'cd\n' };
const messages = (now: readonly ServerDiagnostic[], before: readonly ServerDiagnostic[]) =>
  newOnes(now, before, insertion).map(({ message }) => message);

test.each([
  ['before it', at(0, 0), at(0, 0)],
  ['right where it was put in', at(2, 0), at(1, 0)],
  ['after it', at(2, 1), at(1, 1)],
])('what was there already %s is not new', (_, now, before) => {
  expect(messages([now], [before])).toEqual([]);
});

test('what lies in it is new, whatever the text without it has at that place', () => {
  expect(messages([at(1, 0)], [at(1, 0)])).toEqual(['wrong']);
});

test('so is what says something else, or says it once more', () => {
  expect(messages([at(0, 0, 'other')], [at(0, 0)])).toEqual(['other']);
  expect(messages([at(0, 0), at(0, 0)], [at(0, 0)])).toEqual(['wrong']);
});

test('hints are never new errors', () => {
  expect(messages([at(1, 0, 'hint', 3), at(1, 0, 'warning', 2)], [])).toEqual(['warning']);
});

test('offsets count from the insertion, and are negative before it', () => {
  const counted = countedFrom([at(0, 1), at(1, 0)], insertion);
  expect(counted.map(({ start, end }) => [start, end])).toEqual([[-2, 0], [0, 2]]); // prettier-ignore
});
