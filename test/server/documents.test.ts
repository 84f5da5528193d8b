/** Random edits in both position encodings: the server's text is the client's, and positions go there and back. */
import { describe, expect, test } from 'vitest';
import { Documents } from '../../language-server/lsp/documents.js';
import { toOffset, toPosition, type PositionEncoding } from '../../language-server/lsp/positions.js';
import { randomNumbers } from '../support/random-numbers.js';

const uri = 'file:///a.ts';
const pieces = ['a', 'ß', '€', '😀', '\n', '\r\n', ' ', '\t', 'word', '"', '𝒜\n', ''];

/** Some text whose `\r` are all followed by `\n`, so that no edit makes a line end of two halves. */
function randomText(random: () => number, most: number): string {
  return Array.from({ length: Math.floor(random() * most) }, () => pick(random, pieces)).join('');
}

function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** Offsets between whole characters, and not inside a `\r\n`. */
function boundaries(text: string): readonly number[] {
  const offsets = [0];
  for (const character of text) offsets.push(offsets.at(-1)! + character.length);
  return offsets.filter((offset) => text[offset - 1] !== '\r');
}

describe.each<PositionEncoding>(['utf-16', 'utf-8'])('in %s', (encoding) => {
  test('a thousand edits leave the text that they should', () => {
    const random = randomNumbers(20261123);
    const documents = new Documents(() => encoding);
    let text = randomText(random, 40);
    documents.opened(uri, 'typescript', 1, text);
    for (let version = 2; version < 1002; version++) {
      const document = documents.get(uri)!;
      expect(document.text).toBe(text);
      const offsets = boundaries(text);
      const [start, end] = [pick(random, offsets), pick(random, offsets)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      const inserted = randomText(random, text.length < 200 ? 6 : 2);
      const range = {
        start: toPosition(document, start, encoding),
        end: toPosition(document, end, encoding),
      };
      documents.changed(uri, version, [{ range, text: inserted }]);
      text = text.slice(0, start) + inserted + text.slice(end);
    }
  });

  test('every offset between characters comes back from its position', () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 100; round++) {
      const text = randomText(random, 60);
      const document = { uri, languageId: 'x', version: 1, text };
      for (const offset of boundaries(text)) {
        const position = toPosition(document, offset, encoding);
        expect(toOffset(document, position, encoding)).toBe(offset);
      }
    }
  });

  test('positions outside or inside a character are none', () => {
    const document = { uri, languageId: 'x', version: 1, text: '😀b\r\nc' };
    const none = [
      { line: 0, character: 1 },
      { line: 0, character: 9 },
      { line: 2, character: 0 },
      { line: -1, character: 0 },
      { line: 0, character: -1 },
      { line: 0, character: 0.5 },
    ];
    for (const position of none) expect(toOffset(document, position, encoding)).toBeUndefined();
  });
});

test('a change that begins inside a character begins before it, and one beyond the line at its end', () => {
  const documents = new Documents(() => 'utf-8');
  const changed = (start: number, end: number) => {
    documents.opened(uri, 'typescript', 1, 'a😀b\nc');
    const range = { start: { line: 0, character: start }, end: { line: 0, character: end } };
    return documents.changed(uri, 2, [{ range, text: '-' }])?.text;
  };
  expect(changed(3, 3)).toBe('a-😀b\nc');
  expect(changed(2, 6)).toBe('a-\nc');
  expect(changed(6, 99)).toBe('a😀b-\nc');
});
