/** Which tokens the cursor takes back. */
import { expect, test } from 'vitest';
import { heal, markupBehind } from '../../language-server/decoding/healing.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const tokenizer = toyTokenizer([
  're',
  'turn',
  ' ',
  '  ',
  '\n',
  'x',
  '=',
  '.',
  '(',
  '==',
  'é',
  Uint8Array.of(0xc3),
  Uint8Array.of(0xa9),
]);

test.each([
  ['x=re', 're'],
  ['x=return', 'return'],
  ['x= return', ' return'],
  ['x=\n  ', '\n  '],
  ['x==', '=='],
  ['x.', '.'],
  ['x=é', 'é'],
  // The first token always stays: the model needs one to begin with.
  ['return', 'turn'],
])('before the cursor %j, %j is written anew', (before, text) => {
  const prompt = tokenizer.encode(before);
  const healed = heal(prompt, before, tokenizer.vocabulary);
  expect(healed.text).toBe(text);
  expect([...healed.prompt, ...tokenizer.encode(text)]).toEqual(prompt);
});

test('characters in two tokens are taken back whole or not at all', () => {
  const [c3, a9] = [12, 13];
  const prompt = [...tokenizer.encode('x'), c3, a9];
  expect(heal(prompt, 'xé', tokenizer.vocabulary)).toEqual({ prompt: [prompt[0]], text: 'é' });
  expect(heal([c3, a9], 'é', tokenizer.vocabulary)).toEqual({ prompt: [c3, a9], text: '' });
});

test('a prompt that does not end at the cursor keeps its tokens', () => {
  const prompt = tokenizer.encode('x=x');
  expect(heal(prompt, 'return', tokenizer.vocabulary)).toEqual({ prompt, text: '' });
  expect(heal([...prompt, 0], 'x=x', tokenizer.vocabulary).text).toBe('');
});

test('a model that reads the suffix first has the word at the cursor written anew ahead of its last mark', () => {
  const mark = 0;
  const encoded = [...tokenizer.encode('x=return'), mark];
  const healed = heal(encoded, 'x=return', tokenizer.vocabulary, 1);
  expect(healed).toEqual({ prompt: [...tokenizer.encode('x='), mark], text: 'return' });
  expect(heal(encoded, 'else', tokenizer.vocabulary, 1)).toEqual({ prompt: encoded, text: '' });
  for (const before of ['x=(', 'x=\n  ']) {
    const open = [...tokenizer.encode(before), mark];
    expect(heal(open, before, tokenizer.vocabulary, 1)).toEqual({ prompt: open, text: '' });
  }
});

test('markup counts where it stands behind the text before the cursor, and not behind another text', () => {
  const before = { kind: 'text', text: 'x=', trim: 'start' } as const;
  const after = { kind: 'text', text: ';', trim: 'end' } as const;
  const mark = (name: string) => ({ kind: 'special', name }) as const;
  const maxTokens = 100;
  expect(markupBehind({ parts: [mark('s'), after, mark('p'), before, mark('m')], maxTokens })).toBe(1);
  expect(markupBehind({ parts: [mark('p'), before, mark('s'), after, mark('m')], maxTokens })).toBe(0);
  expect(markupBehind({ parts: [before], maxTokens })).toBe(0);
});
