/** Chains of guesses: who is asked, with what, and where a chain ends. */
import { describe, expect, test } from 'vitest';
import type { Drafter } from '../../../language-server/inference/model.js';
import { Guesses } from '../../../language-server/inference/speculation/guesses.js';

/** Guesses the next number; its state counts the tokens that it has read. `read`: that count, and the token. */
function counting(chance: number): {
  readonly drafter: Drafter;
  readonly read: (readonly [number, number])[];
} {
  const read: (readonly [number, number])[] = [];
  return {
    read,
    drafter: {
      next: ([count], token) => {
        read.push([count!, token]);
        return Promise.resolve({ state: Float32Array.of(count! + 1), guess: { token: token + 1, chance } });
      },
    },
  };
}

const state = Float32Array.of(0);
/** After `8 9 10` comes 50, and after that 6 as often as 7; 6 stands nearer. */
const prompt = [8, 9, 10, 50, 7, 8, 9, 10, 50, 6, 8, 9];

describe('a drafter', () => {
  test('goes on from its own state and reads its own guesses', async () => {
    const { drafter, read } = counting(0.9);
    expect(await new Guesses([], drafter).after({ written: [3, 5], state }, 9)).toEqual([6, 7, 8, 9]);
    expect(read).toEqual([[0, 5], [1, 6], [2, 7], [3, 8]]); // prettier-ignore
  });

  test('is not asked where what was looked up is sure, and reads all that it missed once it is asked', async () => {
    const { drafter, read } = counting(0.9);
    expect(await new Guesses(prompt, drafter).after({ written: [10], state }, 3)).toEqual([50, 51, 52]);
    expect(read).toEqual([[0, 10], [1, 50], [2, 51]]); // prettier-ignore
  });

  test('gives way to what is likelier by what was looked up', async () => {
    const { drafter, read } = counting(0.3);
    expect(await new Guesses(prompt, drafter).after({ written: [10], state }, 2)).toEqual([50, 6]);
    expect(read).toHaveLength(2);
  });
});

describe('a chain', () => {
  test('ends where it is not likely that all of it holds', async () => {
    const { drafter, read } = counting(0.6);
    expect(await new Guesses([], drafter).after({ written: [5], state }, 9)).toEqual([6, 7]);
    // One that is hardly likely is not asked to go on.
    expect(read).toHaveLength(2);
  });

  test('goes on where a text does, however unlikely it is that a drafter would', async () => {
    const { drafter, read } = counting(0.4);
    const text = [9, 6, 30, 9, 6, 30, 9, 6, 30, 9];
    expect(await new Guesses(text, drafter).after({ written: [5], state }, 9)).toEqual([6, 30]);
    expect(read).toHaveLength(1);
  });

  test.each([
    [2, [6, 7]],
    [0, []],
    [-3, []],
  ])('has no more tokens than there is room for (%i)', async (room, expected) => {
    const { drafter } = counting(0.9);
    expect(await new Guesses([], drafter).after({ written: [5], state }, room)).toEqual(expected);
  });

  test('is looked up alone where there is no drafter, or no state that it could go on from', async () => {
    const { drafter, read } = counting(0.9);
    const alone = await new Guesses(prompt, undefined).after({ written: [10], state }, 1);
    expect(alone).toEqual([50]);
    expect(await new Guesses(prompt, drafter).after({ written: [10], state: undefined }, 1)).toEqual(alone);
    expect(read).toEqual([]);
  });
});

describe('what is known of tokens', () => {
  test('markup does not part what stands around it', async () => {
    const markup = 99;
    const alphabet = { isText: (token: number) => token !== markup, goesOn: () => true };
    const text = [8, 9, 10, 50, 4, markup, 8, 9, 10];
    const guesses = new Guesses(text, undefined, alphabet);
    // The first input is the markup at the end of the prompt.
    expect(await guesses.after({ written: [markup], state: undefined }, 1)).toEqual([50]);
    expect(await new Guesses(text, undefined).after({ written: [markup], state: undefined }, 1)).toEqual([8]);
  });

  test('what ends a draft is not read, and nothing after it', async () => {
    const { drafter } = counting(0.9);
    const alphabet = { isText: () => true, goesOn: (token: number) => token !== 8 };
    expect(await new Guesses([], drafter, alphabet).after({ written: [5], state }, 9)).toEqual([6, 7]);
  });
});
