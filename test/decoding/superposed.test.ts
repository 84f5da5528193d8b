/** Superposed drafts, on a scripted model whose mixtures can be worked out by hand: how they are written. */
import { expect, test } from 'vitest';
import { isEstimated } from '../../language-server/decoding/draft.js';
import { mixtureOf } from '../../language-server/decoding/drafting/drafting.js';
import type { NextToken } from '../../language-server/decoding/drafting/shared-row.js';
import { superposed, SUPERPOSED_TOKENS } from '../../language-server/decoding/drafting/superposed.js';
import { anyScript, byPairs, chances, letters, threeWays } from '../support/letter-script.js';
import { oneOf } from '../support/one-of.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';

/** Two ways: `ac` with .6 × .9, and `bd` with .4 × .8. */
const twoWays: TextScript = (written) =>
  ({ '': { a: 0.6, b: 0.4 }, a: { c: 0.9, '<end>': 0.05 }, b: { d: 0.8, '<end>': 0.1 } })[written] ?? {
    '<end>': 0.99,
  };

const three = { drafting: superposed(byPairs), width: 3 };

test('n-grams say which draft a token belongs to, and what the shared row said is an estimate', async () => {
  const run = await runScript(letters, threeWays, three);
  const written = run.history.at(-1)!;
  expect(written.map(isEstimated)).toEqual([false, true, true]);
  // In the mixture of .6 b and .4 c, d has .6 × .9 and e .4 × .8.
  expect(chances(written)).toEqual({
    a: expect.closeTo(0.5, 3) as number,
    bd: expect.closeTo(0.3 * 0.54, 3) as number,
    ce: expect.closeTo(0.2 * 0.32, 3) as number,
  });
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
  const script: TextScript = (written) => (written === '' ? { b: 0.4, a: 0.3, c: 0.2 } : anyScript(written));
  const alone = await runScript(letters, script, { maxTokens: 9 });
  const run = await runScript(letters, script, { ...three, width, maxTokens: 9 });
  const same = run.drafts.find(({ text }) => text === alone.texts[0])!;
  expect(same.logProb).toBeCloseTo(alone.drafts[0]!.logProb, 4);
  expect(run.history.at(-1)!.some(isEstimated)).toBe(true);
  // But for the last, which reads again.
  expect(Math.max(...run.batches.slice(0, -1))).toBe(2);
  expect(run.batches.at(-1)).toBe(run.readAgain!.tokens);
});

test('two drafts share nothing, and are exact', async () => {
  const run = await runScript(letters, twoWays, { ...three, width: 2 });
  expect(run.texts).toEqual(['ac', 'bd']);
  expect(run.drafts.map(({ logProb }) => Math.exp(logProb))).toEqual([
    expect.closeTo(0.54, 3),
    expect.closeTo(0.32, 3),
  ]);
  expect(run.history.flat().some(isEstimated)).toBe(false);
  expect(run.readAgain).toBeUndefined();
});

test('drafts part where another token is nearly as likely, then all that are not unlikely follow', async () => {
  const script: TextScript = (written) =>
    ({ '': { a: 0.94, b: 0.05 }, a: { b: 0.8, c: 0.12, d: 0.04, e: 0.01 } })[written] ?? { '<end>': 0.99 };
  const run = await runScript(letters, script, { ...three, width: 5 });
  expect(run.history[0]!.map(({ text }) => text)).toEqual(['a']);
  expect(run.history[1]!.map(({ text }) => text)).toEqual(['ab', 'ac', 'ad']);
  expect(run.batches.slice(0, 3)).toEqual([1, 1, 2]);
});

test('the weight of a draft that dies goes to the others', async () => {
  const run = await runScript(letters, threeWays, { ...three, constraint: oneOf(['a', 'bd', 'czz']) });
  const weights = run.history.map((drafts) =>
    mixtureOf(
      drafts.filter(({ text }) => text !== 'a'),
      0,
    ),
  );
  const [b, c, d] = [2, 3, 4];
  expect(weights[0]).toEqual([
    [b, expect.closeTo(0.6, 3)],
    [c, expect.closeTo(0.4, 3)],
  ]);
  expect(weights[1]).toEqual([[d, 1]]);
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
  // That was part of writing: nothing is left to be read again at the end.
  expect(run.readAgain).toBeUndefined();
});
