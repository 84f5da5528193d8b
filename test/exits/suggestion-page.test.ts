/** The page that explains a suggestion: its text, what is marked in it, and how. */
import { expect, test } from 'vitest';
import { suggestionPage } from '../../extension/suggestion-page.js';

const token = (text: string, probability: number, exit = 30, more = {}) => ({
  text,
  probability,
  exit,
  refused: [],
  ...more,
});

test('tokens are marked where they stand, by confidence and depth', () => {
  const refused = [{ token: ' in', by: 'syntax', probability: 0.2 }];
  const { text, marks } = suggestionPage({
    text: 'if (a) {\n  b',
    tokens: [token('', 1), token('if (a)', 0.9, 6), token(' {\n  ', 0.6, 18, { refused }), token('b', 0.1)],
    layers: 30,
    ending: 'uncertain',
    notes: ['Spells "" once more.'],
  });
  const lines = text.split('\n');
  expect(lines.slice(2, 4)).toEqual(['if (a) {', '  b']);
  const inText = marks.filter(({ line }) => line === 2 || line === 3);
  expect(inText.map(({ line, start, end }) => lines[line]!.slice(start, end))).toEqual([
    'if (a)',
    ' {',
    '  ',
    'b',
  ]);
  expect(inText.map(({ confidence }) => confidence)).toEqual([3, 2, 2, 0]);
  expect(inText.map(({ depth }) => depth)).toEqual([0, 2, 2, 3]);
  expect(lines[0]).toMatch(/3 tokens, ended by uncertain.*5\.4 %/);
  const row = lines.find((line) => line.startsWith('" {'))!;
  expect(row).toMatch(/60 %\s+18 of 30\s+" in" \(20 %, syntax\)/);
  expect(text).toContain('Spells "" once more.');
  // Columns are as wide as what stands in them, and one that would be empty is not there.
  expect(lines.slice(-7, -3)).toEqual([
    'token     chance  layers    refused in its place',
    '"if (a)"    90 %  6 of 30',
    '" {\\n  "    60 %  18 of 30  " in" (20 %, syntax)',
    '"b"         10 %  30 of 30',
  ]);
});

test('where it is known how sure all is so far, that decides on the colour', () => {
  const { text, marks } = suggestionPage({
    text: 'ab',
    tokens: [token('a', 0.9, 30, { sure: 0.9 }), token('b', 0.9, 30, { sure: 0.1 })],
    layers: 30,
    ending: 'line',
    notes: [],
  });
  expect(marks.slice(0, 2).map(({ confidence }) => confidence)).toEqual([3, 0]);
  expect(text).toContain('sure so far');
  expect(marks[1]!.hover).toContain('right so far: 10 %');
});
