/** Prompts as tokens: markup, budgets, and cuts that seldom move. */
import { describe, expect, test } from 'vitest';
import { encodePrompt, TRIM_STEP } from '../../language-server/tokens/encode-prompt.js';
import type { PromptPart } from '../../language-server/tokens/prompt.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const tokenizer = toyTokenizer('abcdefghijklmnopqrstuvwxyz<>'.split(''));
const text = (length: number): string => Array.from({ length }, (_, i) => 'abcdefghij'[i % 10]).join('');

function encode(parts: readonly PromptPart[], maxTokens: number) {
  return encodePrompt({ parts, maxTokens }, tokenizer);
}

describe('encodePrompt', () => {
  test('markup becomes its token; the same letters in a text stay letters', () => {
    const tokens = encode(
      [
        { kind: 'special', name: '<end>' },
        { kind: 'text', text: '<end>' },
      ],
      100,
    )!;
    expect(tokens[0]).toBe(0);
    expect(tokens).toHaveLength(6);
    expect(tokens.slice(1)).not.toContain(0);
  });

  test('markup that the vocabulary lacks is a broken installation', () => {
    expect(() => encode([{ kind: 'special', name: '<nonsense>' }], 9)).toThrow('<nonsense>');
  });

  test('what fits is kept whole', () => {
    expect(encode([{ kind: 'text', text: text(100), trim: 'start' }], 100)).toHaveLength(100);
  });

  test('a part loses whole steps at the end that it names', () => {
    const whole = tokenizer.encode(text(300));
    expect(encode([{ kind: 'text', text: text(300), trim: 'start' }], 299)).toEqual(whole.slice(TRIM_STEP));
    expect(encode([{ kind: 'text', text: text(300), trim: 'end' }], 299)).toEqual(whole.slice(0, -TRIM_STEP));
  });

  test('earlier parts give way first', () => {
    const parts: PromptPart[] = [
      { kind: 'text', text: 'x'.repeat(50), trim: 'end' },
      { kind: 'text', text: 'y'.repeat(200), trim: 'start' },
    ];
    expect(encode(parts, 210)).toEqual(tokenizer.encode('y'.repeat(200)));
    expect(encode(parts, 199)).toEqual(tokenizer.encode('y'.repeat(200 - TRIM_STEP)));
  });

  test('while text is typed at its end, the cut moves once in a step', () => {
    let cuts = 0;
    let last: number | undefined;
    for (let length = 400; length < 400 + 4 * TRIM_STEP; length++) {
      const tokens = encode([{ kind: 'text', text: text(length), trim: 'start' }], 300)!;
      expect(tokens.length).toBeLessThanOrEqual(300);
      const cut = length - tokens.length;
      if (last !== undefined && cut !== last) cuts++;
      last = cut;
    }
    expect(cuts).toBe(4);
  });

  test('when nothing may be trimmed, a prompt that is too long has no tokens', () => {
    expect(encode([{ kind: 'text', text: text(20) }], 19)).toBeUndefined();
  });
});
