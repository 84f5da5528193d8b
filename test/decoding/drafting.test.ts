/** Ways of writing several drafts, on a scripted model whose mixtures can be worked out by hand. */
import { describe, expect, test } from 'vitest';
import { anything, type Constraint } from '../../language-server/constraints/constraint.js';
import { greedy } from '../../language-server/decoding/choice.js';
import { beams } from '../../language-server/decoding/drafting/beams.js';
import { branches } from '../../language-server/decoding/drafting/branches.js';
import { mixtureOf, type Drafting } from '../../language-server/decoding/drafting/drafting.js';
import { firstToken } from '../../language-server/decoding/drafting/first-token.js';
import { nucleus, samples } from '../../language-server/decoding/drafting/nucleus.js';
import type { NextToken } from '../../language-server/decoding/drafting/shared-row.js';
import { superposed, SUPERPOSED_TOKENS } from '../../language-server/decoding/drafting/superposed.js';
import { isEstimated, type Draft } from '../../language-server/decoding/draft.js';
import { randomNumbers } from '../support/random-numbers.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const letters = ['a', 'b', 'c', 'd', 'e'];
/** Ids of the letters: token 0 ends the text. */
const [a, b, c, d] = [1, 2, 3, 4];

/** Follows each token by the one two letters on, and by nothing else. */
const byPairs: NextToken = (before, token) => (token === before.at(-1)! + 2 || token === 0 ? 1 : 1e-4);

/** Two ways: `ac` with .6 × .9, and `bd` with .4 × .8. */
const twoWays: TextScript = (written) =>
  ({ '': { a: 0.6, b: 0.4 }, a: { c: 0.9, '<end>': 0.05 }, b: { d: 0.8, '<end>': 0.1 } })[written] ?? {
    '<end>': 0.99,
  };

function oneOf(texts: readonly string[], written = ''): Constraint {
  const constraint: Constraint = {
    ...anything,
    name: 'list',
    after(text) {
      const next = written + text;
      return texts.some((whole) => whole.startsWith(next)) ? oneOf(texts, next) : undefined;
    },
    mayEnd: () => texts.includes(written),
    answered: () => constraint,
  };
  return constraint;
}

const ways: Readonly<Record<string, Drafting>> = {
  superposed: superposed(byPairs),
  branches,
  beams,
  samples,
  firstToken,
};

/** Likely continuations of any text, the same for the same text. */
const anyScript: TextScript = (written) => {
  const random = randomNumbers(written.length * 31 + (written.codePointAt(written.length - 1) ?? 7));
  const weights = letters.map(() => random() ** 3);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Object.fromEntries(letters.map((letter, at) => [letter, (0.95 * weights[at]!) / sum]));
};

describe.each(Object.entries(ways))('%s', (name, drafting) => {
  test('one draft is the greedy one, token for token', async () => {
    const alone = await runScript(letters, anyScript, { maxTokens: 15 });
    const run = await runScript(letters, anyScript, { maxTokens: 15, drafting, width: 1 });
    expect(run.texts).toEqual(alone.texts);
    expect(run.drafts[0]!.logProb).toBeCloseTo(alone.drafts[0]!.logProb, 4);
    expect(run.steps).toBe(alone.steps);
  });

  test('log-probabilities are the model’s own or marked as estimates, and no draft is one too many', async () => {
    const run = await runScript(letters, anyScript, { maxTokens: 15, drafting, width: 3 });
    expect(run.drafts.length).toBeLessThanOrEqual(3);
    for (const { text, logProb, tokens } of run.drafts) {
      const own = Array.from(text).map((letter, at) => Math.log(anyScript(text.slice(0, at))[letter]!));
      tokens.forEach((token, at) => {
        if (!token.estimated) expect(token.logProb).toBeCloseTo(own[at]!, 3);
      });
      expect(logProb).toBeCloseTo(
        tokens.reduce((sum, token) => sum + token.logProb, 0),
        3,
      );
    }
    if (name !== 'superposed') expect(run.drafts.some(isEstimated)).toBe(false);
  });

  test('the healed text is spelled once', async () => {
    const script: TextScript = (written) =>
      ({ '': { a: 0.9 }, a: { b: 0.5, c: 0.4 } })[written] ?? { '<end>': 0.99 };
    const run = await runScript(letters, script, { healed: 'a', drafting, width: 2 });
    expect(run.batches[0]).toBe(1);
    expect(run.texts.every((text) => text.startsWith('a') && text.length > 1)).toBe(true);
  });
});

describe('mixtures', () => {
  const draft = (token: number, weight: number): Draft =>
    ({ tokens: [{ token, text: '', logProb: 0, exit: 1 }], weight }) as unknown as Draft;

  test('weights sum to one, and equal tokens are one', () => {
    const mixture = mixtureOf([draft(a, Math.log(0.3)), draft(b, Math.log(0.1)), draft(a, Math.log(0.1))], 9);
    expect(mixture).toEqual([
      [a, expect.closeTo(0.8, 10)],
      [b, expect.closeTo(0.2, 10)],
    ]);
  });

  test('weights far below zero do not vanish together', () => {
    const mixture = mixtureOf([draft(a, -2000), draft(b, -2000)], 9);
    expect(mixture.map(([, weight]) => weight)).toEqual([0.5, 0.5]);
  });

  test('a draft without tokens stands for the last one of the prompt', () => {
    expect(mixtureOf([{ tokens: [], weight: 0 } as unknown as Draft], 9)).toEqual([[9, 1]]);
  });
});

describe('superposed', () => {
  /** A leads; `bd` with .3 × .9 and `ce` with .2 × .8 follow in one row. */
  const threeWays: TextScript = (written) =>
    ({
      '': { a: 0.5, b: 0.3, c: 0.2 },
      a: { '<end>': 0.9 },
      b: { d: 0.9, '<end>': 0.05 },
      c: { e: 0.8, '<end>': 0.1 },
    })[written] ?? { '<end>': 0.99 };
  const three = { drafting: superposed(byPairs), width: 3 };

  test('n-grams say which draft a token belongs to, and what the shared row said is marked as an estimate', async () => {
    const run = await runScript(letters, threeWays, three);
    expect(run.texts).toEqual(['a', 'bd', 'ce']);
    expect(run.drafts.map(({ tokens }) => tokens.map(({ estimated }) => estimated ?? false))).toEqual([
      [false],
      [false, true],
      [false, true],
    ]);
    // In the mixture of .6 b and .4 c, d has .6 × .9 and e .4 × .8.
    expect(run.drafts.map(({ logProb }) => logProb)).toEqual([
      expect.closeTo(Math.log(0.5), 3),
      expect.closeTo(Math.log(0.3 * 0.54), 3),
      expect.closeTo(Math.log(0.2 * 0.32), 3),
    ]);
  });

  test('the first draft has a row, and all others share one', async () => {
    const run = await runScript(letters, threeWays, three);
    // The first token; a, and the mixture of b and c; when a has ended, the mixture of d and e.
    expect(run.batches).toEqual([1, 2, 1]);
  });

  test('weights are those of the paper', async () => {
    const run = await runScript(letters, threeWays, three);
    const [, first, second] = run.history[1]!;
    const others = (left: number, tokens: number): number => left / tokens;
    const p = { end: 0.6 * 0.05 + 0.4 * 0.1, d: 0.6 * 0.9, e: 0.4 * 0.8 };
    const rest = others(1 - p.end - p.d - p.e, 3);
    const fused = (of: number, next: number): number => of ** 0.46 * next ** 0.54;
    const sum = (own: number, other: number): number =>
      fused(own, 1) + fused(p.end, 1) + fused(other, 1e-4) + 3 * fused(rest, 1e-4);
    expect(first!.weight - second!.weight).toBeCloseTo(
      Math.log((0.3 * fused(p.d, 1)) / sum(p.d, p.e)) - Math.log((0.2 * fused(p.e, 1)) / sum(p.e, p.d)),
      2,
    );
  });

  test.each([3, 5])('of %i drafts one is the greedy one, exactly, and two rows are enough', async (width) => {
    const script: TextScript = (written) =>
      written === '' ? { b: 0.4, a: 0.3, c: 0.2 } : anyScript(written);
    const alone = await runScript(letters, script, { maxTokens: 9 });
    const run = await runScript(letters, script, { ...three, width, maxTokens: 9 });
    const same = run.drafts.find(({ text }) => text === alone.texts[0])!;
    expect(same.logProb).toBeCloseTo(alone.drafts[0]!.logProb, 4);
    expect(isEstimated(same)).toBe(false);
    expect(run.drafts.some(isEstimated)).toBe(true);
    expect(Math.max(...run.batches)).toBe(2);
  });

  test('two drafts share nothing, and are exact', async () => {
    const run = await runScript(letters, twoWays, { ...three, width: 2 });
    expect(run.texts).toEqual(['ac', 'bd']);
    expect(run.drafts.map(({ logProb }) => Math.exp(logProb))).toEqual([
      expect.closeTo(0.54, 3),
      expect.closeTo(0.32, 3),
    ]);
    expect(run.drafts.some(isEstimated)).toBe(false);
  });

  test('drafts part where another token is nearly as likely, then all that are not unlikely follow', async () => {
    const script: TextScript = (written) =>
      ({ '': { a: 0.94, b: 0.05 }, a: { b: 0.8, c: 0.12, d: 0.04, e: 0.01 } })[written] ?? { '<end>': 0.99 };
    const run = await runScript(letters, script, { ...three, width: 5 });
    expect(run.history[0]!.map(({ text }) => text)).toEqual(['a']);
    expect(run.history[1]!.map(({ text }) => text)).toEqual(['ab', 'ac', 'ad']);
    expect(run.batches.slice(0, 3)).toEqual([1, 1, 2]);
  });

  test('a draft that may not go on dies, and its place goes to another', async () => {
    const run = await runScript(
      letters,
      (written) =>
        ({ '': { a: 0.5, b: 0.3, c: 0.2 }, b: { d: 0.5, e: 0.4 }, c: { e: 0.9 } })[written] ?? {
          '<end>': 0.99,
        },
      { ...three, constraint: oneOf(['a', 'bd', 'be', 'czz']) },
    );
    expect(run.history[0]!.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect(run.history[1]!.map(({ text }) => text)).toEqual(['a', 'bd', 'be']);
    const weights = mixtureOf(run.history[1]!.slice(1), 0).map(([, weight]) => weight);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 10);
  });

  test('when all that share a row would die, the heaviest goes back to where it may end', async () => {
    const run = await runScript(letters, threeWays, {
      ...three,
      constraint: oneOf(['a', 'b', 'bzz', 'czz']),
      maxTokens: 5,
    });
    expect(run.texts).toEqual(['a', 'b']);
  });

  /** Each letter goes on with itself. */
  const on: TextScript = (written) =>
    written === '' ? { a: 0.5, b: 0.3, c: 0.2 } : { [written.at(-1)!]: 0.99 };
  const same: NextToken = (before, token) => (token === before.at(-1) ? 1 : 1e-4);

  test('after ten shared tokens the likeliest is read again and goes on alone', async () => {
    const run = await runScript(letters, on, { drafting: superposed(same), width: 3, maxTokens: 14 });
    expect(run.history.at(-4)!.map(({ text }) => text[0])).toEqual(['a', 'b']);
    expect(run.texts).toEqual(['a'.repeat(14), 'b'.repeat(14)]);
    expect(run.drafts[1]!.logProb).toBeCloseTo(Math.log(0.3) + 13 * Math.log(0.99), 3);
    expect(run.drafts.some(isEstimated)).toBe(false);
    const shared = Array.from({ length: SUPERPOSED_TOKENS }, () => 2);
    expect(run.batches).toEqual([1, ...shared, SUPERPOSED_TOKENS, 2, 2, 2]);
  });

  test('drafts that are judged by what follows the cursor are read again first', async () => {
    const tokenizer = toyTokenizer(letters);
    const rescoring = { tokenizer, following: 'e' };
    const run = await runScript(letters, threeWays, { ...three, rescoring });
    expect(run.drafts.map(({ text }) => text).sort()).toEqual(['a', 'bd', 'ce']);
    expect(run.drafts.some(isEstimated)).toBe(false);
    const of = (wanted: string): number => run.drafts.find(({ text }) => text === wanted)!.logProb;
    expect([of('bd'), of('ce')].map(Math.exp)).toEqual([expect.closeTo(0.27, 3), expect.closeTo(0.16, 3)]);
  });
});

describe('branches', () => {
  test('fork where another token is nearly as likely, and nowhere else', async () => {
    const script: TextScript = (written) =>
      ({ '': { a: 0.95 }, a: { b: 0.6, c: 0.3 }, ab: { d: 0.96 }, ac: { d: 0.96 } })[written] ?? {
        '<end>': 0.99,
      };
    const run = await runScript(letters, script, { drafting: branches, width: 3 });
    expect(run.texts).toEqual(['abd', 'acd']);
    expect(run.batches).toEqual([1, 1, 2, 2]);
  });

  test('the likeliest forks come first where there is not room for all', async () => {
    const script: TextScript = (written) => (written === '' ? { a: 0.4, b: 0.3, c: 0.2 } : { '<end>': 0.99 });
    const run = await runScript(letters, script, { drafting: branches, width: 2 });
    expect(run.texts).toEqual(['a', 'b']);
  });
});

describe('diverse beams', () => {
  test('what one draft chose costs the next one more', async () => {
    const script: TextScript = (written) => (written === '' ? { a: 0.5, b: 0.4 } : { '<end>': 0.99 });
    const run = await runScript(letters, script, { drafting: beams, width: 2 });
    expect(run.texts).toEqual(['a', 'b']);
  });

  test('a token that is far likelier is chosen all the same', async () => {
    const script: TextScript = (written) => (written === '' ? { a: 0.9, b: 0.05 } : { '<end>': 0.99 });
    const run = await runScript(letters, script, { drafting: beams, width: 2 });
    expect(run.texts).toEqual(['a', 'a']);
  });
});

describe('samples', () => {
  test('none comes from outside the nucleus', async () => {
    const script: TextScript = (written) =>
      written.length === 3 ? { '<end>': 1 } : { a: 0.6, b: 0.38, c: 0.01 };
    for (let seed = 0; seed < 40; seed++) {
      const run = await runScript(letters, script, {
        drafting: samples,
        choose: nucleus(0.9, 1, seed),
        width: 3,
      });
      expect(run.texts).toHaveLength(3);
      for (const text of run.texts) expect(text).toMatch(/^[ab]{3}$/);
    }
  });

  test('they are independent: two may be the same, and they come as often as they are likely', async () => {
    const script: TextScript = (written) => (written === '' ? { a: 0.7, b: 0.3 } : { '<end>': 1 });
    let firsts = 0;
    let equal = 0;
    const rounds = 400;
    for (let seed = 0; seed < rounds; seed++) {
      const { texts, history } = await runScript(letters, script, {
        drafting: samples,
        choose: nucleus(1, 1, seed),
        width: 2,
      });
      if (history[0]![0]!.text === 'a') firsts++;
      if (texts[0] === texts[1]) equal++;
    }
    // Three standard deviations of a share near one half.
    const tolerance = 3 * Math.sqrt(0.25 / rounds);
    expect(Math.abs(firsts / rounds - 0.7)).toBeLessThan(tolerance);
    expect(Math.abs(equal / rounds - (0.7 ** 2 + 0.3 ** 2))).toBeLessThan(tolerance);
  });
});

test('greedy choices do not look at chance', () => {
  expect(greedy(Float32Array.of(1, 2), 3, 4)).toEqual(Float32Array.of(1, 2));
  expect([c, d]).toEqual([3, 4]);
});
