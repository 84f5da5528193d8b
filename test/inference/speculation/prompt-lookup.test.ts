/** Guesses by what followed the same tokens before. */
import { describe, expect, test } from 'vitest';
import { PromptLookup } from '../../../language-server/inference/speculation/prompt-lookup.js';

describe('looking up', () => {
  test('what followed the longest agreement is guessed, whatever followed shorter ones', () => {
    const lookup = new PromptLookup([1, 2, 3, 7, 9, 3, 8, 5, 3, 8, 1, 2]);
    expect(lookup.after([3])).toMatchObject({ token: 7 });
  });

  test('of places that agree alike the more frequent answer is guessed, with a chance that says how often', () => {
    const lookup = new PromptLookup([4, 6, 4, 6, 4, 6, 4, 5]);
    const one = new PromptLookup([4, 6, 9]).after([4]);
    const two = lookup.after([4]);
    expect(two).toMatchObject({ token: 6 });
    expect(two!.chance).toBeGreaterThan(one!.chance);
    expect(two!.chance).toBeLessThan(3 / 4);
  });

  test('what was written counts as well', () => {
    expect(new PromptLookup([1]).after([5, 6, 7, 5, 6])).toMatchObject({ token: 7 });
  });

  test('agreement reaches across the end of the prompt', () => {
    const lookup = new PromptLookup([1, 2, 3, 4, 9, 2, 3, 5, 1, 2]);
    expect(lookup.after([3])).toMatchObject({ token: 4 });
  });

  test('nothing is guessed where the last token is new, nor after the last token of all', () => {
    expect(new PromptLookup([1, 2, 3]).after([4])).toBeUndefined();
    expect(new PromptLookup([1, 2, 3]).after([])).toBeUndefined();
    expect(new PromptLookup([]).after([4])).toBeUndefined();
  });
});
