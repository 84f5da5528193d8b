/** Snippets read back as they were written, whatever is in them. */
import { describe, expect, test } from 'vitest';
import { readSnippet } from '../../language-server/holes/read-snippet.js';
import { plainText, renderSnippet, type SnippetPart } from '../../language-server/holes/snippet.js';
import { integerBelow, pick, randomFor, type Random } from '../bench/random.js';

const special = [
  '$',
  '}',
  '{',
  '\\',
  '|',
  ',',
  ':',
  '${1:x}',
  '$0',
  '${1|a,b|}',
  '\\$',
  '\\}',
  '$TM_FILENAME',
  '\n',
  '\t',
  '`',
  'é',
  '😀',
  '1',
];

describe('escaping', () => {
  test.each(special)('%j survives as text, as placeholder and in a choice', (text) => {
    const parts: readonly SnippetPart[] = [
      { kind: 'text', text: `a${text}b` },
      { kind: 'placeholder', stop: 1, text },
      { kind: 'choice', stop: 2, texts: [text, `${text}${text}`] },
      { kind: 'stop', stop: 1 },
      { kind: 'text', text },
      { kind: 'stop', stop: 0 },
    ];
    expect(readSnippet(renderSnippet(parts))).toEqual(parts);
  });

  test('any mixture of specials survives, 2,000 times', () => {
    const random = randomFor(9, 'snippets');
    for (let i = 0; i < 2_000; i++) {
      const parts = randomParts(random);
      expect(readSnippet(renderSnippet(parts))).toEqual(parts);
    }
  });

  test('is what the editor documents', () => {
    expect(renderSnippet([{ kind: 'text', text: 'a$b}c\\d' }])).toBe('a\\$b\\}c\\\\d');
    expect(renderSnippet([{ kind: 'placeholder', stop: 3, text: '{x}' }])).toBe('${3:{x\\}}');
    expect(renderSnippet([{ kind: 'choice', stop: 1, texts: ['a,b', 'c|d', '$}'] }])).toBe(
      '${1|a\\,b,c\\|d,$}|}',
    );
    expect(
      renderSnippet([
        { kind: 'stop', stop: 1 },
        { kind: 'text', text: '2' },
      ]),
    ).toBe('${1}2');
  });

  test('foreign syntax is not read', () => {
    expect(readSnippet('$1')).toBeUndefined();
    expect(readSnippet('${1:a')).toBeUndefined();
    expect(readSnippet('${1:a${2:b}}')).toBeUndefined();
    expect(readSnippet('${1|a,b}')).toBeUndefined();
    expect(readSnippet('${TM_FILENAME}')).toBeUndefined();
  });
});

test('what is shown has placeholders and mirrors filled in', () => {
  expect(
    plainText([
      { kind: 'text', text: 'for ' },
      { kind: 'placeholder', stop: 1, text: 'i' },
      { kind: 'text', text: '; ' },
      { kind: 'stop', stop: 1 },
      { kind: 'text', text: '++' },
      { kind: 'choice', stop: 2, texts: ['a', 'b'] },
      { kind: 'stop', stop: 0 },
    ]),
  ).toBe('for i; i++a');
});

/** Neighbouring texts would be read as one, so texts and stops alternate. */
function randomParts(random: Random): readonly SnippetPart[] {
  const word = (): string =>
    Array.from({ length: 1 + integerBelow(4, random) }, () => pick(special, random)!).join('');
  return Array.from({ length: 1 + integerBelow(6, random) }, (_, i): SnippetPart => {
    if (i % 2 === 0) return { kind: 'text', text: word() };
    const stop = integerBelow(12, random);
    const kind = integerBelow(3, random);
    if (kind === 0) return { kind: 'placeholder', stop, text: word() };
    if (kind === 1) return { kind: 'choice', stop, texts: [word(), word()] };
    return { kind: 'stop', stop };
  });
}
