/** Ways of writing several drafts, on a scripted model whose mixtures can be worked out by hand. */
import { describe, expect, test } from 'vitest';
import { BackingUp } from '../../language-server/decoding/aligned/backing-up.js';
import { greedy } from '../../language-server/decoding/choice.js';
import { beams } from '../../language-server/decoding/drafting/beams.js';
import { branches } from '../../language-server/decoding/drafting/branches.js';
import { mixtureOf, type Drafting } from '../../language-server/decoding/drafting/drafting.js';
import { firstToken } from '../../language-server/decoding/drafting/first-token.js';
import { nucleus, samples } from '../../language-server/decoding/drafting/nucleus.js';
import { superposed } from '../../language-server/decoding/drafting/superposed.js';
import { isEstimated, type Draft } from '../../language-server/decoding/draft.js';
import { anyScript, byPairs, letters } from '../support/letter-script.js';
import { oneOf } from '../support/one-of.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';

/** Ids of the letters: token 0 ends the text. */
const [a, b, c, d] = [1, 2, 3, 4];

const ways: Readonly<Record<string, Drafting>> = {
  superposed: superposed(byPairs),
  branches,
  beams,
  samples,
  firstToken,
};

describe.each(Object.entries(ways))('%s', (_, drafting) => {
  test('one draft is the greedy one, token for token', async () => {
    const alone = await runScript(letters, anyScript, { maxTokens: 15 });
    const run = await runScript(letters, anyScript, { maxTokens: 15, drafting, width: 1 });
    expect(run.texts).toEqual(alone.texts);
    expect(run.drafts[0]!.logProb).toBeCloseTo(alone.drafts[0]!.logProb, 4);
    expect(run.batches).toEqual(alone.batches);
  });

  test('log-probabilities are the model’s own, the highest first, and no draft is one too many', async () => {
    const run = await runScript(letters, anyScript, { maxTokens: 15, drafting, width: 3 });
    expect(run.drafts.length).toBeLessThanOrEqual(3);
    for (const { text, logProb, tokens } of run.drafts) {
      const own = Array.from(text).map((letter, at) => Math.log(anyScript(text.slice(0, at))[letter]!));
      tokens.forEach((token, at) => {
        expect(token.logProb).toBeCloseTo(own[at]!, 3);
      });
      expect(logProb).toBeCloseTo(
        tokens.reduce((sum, token) => sum + token.logProb, 0),
        3,
      );
    }
    expect(run.drafts.some(isEstimated)).toBe(false);
    const logProbs = run.drafts.map(({ logProb }) => logProb);
    expect(logProbs).toEqual([...logProbs].sort((one, other) => other - one));
  });

  test('the healed text is spelled once', async () => {
    const script: TextScript = (written) =>
      ({ '': { a: 0.9 }, a: { b: 0.5, c: 0.4 } })[written] ?? { '<end>': 0.99 };
    const run = await runScript(letters, script, { healed: 'a', drafting, width: 2 });
    expect(run.batches[0]).toBe(1);
    expect(run.texts.every((text) => text.startsWith('a') && text.length > 1)).toBe(true);
  });
});

describe('of drafts that parted after a beginning', () => {
  const backingUp = () =>
    new BackingUp({ exponent: Infinity, seed: 0, chosenAbove: 0.5, mostRemoved: 0.5, mostTakenBack: 8 });
  // What was begun with is part of the prompt.
  const parted = async (script: Readonly<Record<string, Readonly<Record<string, number>>>>, ends: string[]) =>
    runScript(letters, (written) => script[written] ?? { '<end>': 0.99 }, {
      from: (await runScript(letters, () => ({ a: 0.9 }), { maxTokens: 1 })).drafts[0]!,
      constraint: oneOf(ends),
      width: 3,
      drafting: firstToken,
      backingUp: backingUp(),
    });

  test('one that comes back there takes what no other has', async () => {
    const script = {
      '': { b: 0.5, c: 0.3, d: 0.15, e: 0.05 },
      b: { a: 0.98 },
      ...{ c: { a: 0.9 }, d: { a: 0.9 }, e: { a: 0.9 } },
    };
    const run = await parted(script, ['bc', 'ca', 'da', 'ea']);
    expect(run.texts.toSorted()).toEqual(['aca', 'ada', 'aea']);
    expect(Math.max(...run.batches)).toBe(3);
  });

  test('all go on alike as long as there is only one way', async () => {
    const script = { '': { b: 0.5, a: 0.4 }, a: { b: 0.5, c: 0.3, d: 0.15 }, ab: { a: 0.9 } };
    const run = await parted(script, ['aba', 'ac', 'ad']);
    expect(run.texts.toSorted()).toEqual(['aaba', 'aac', 'aad']);
    expect(run.batches.slice(0, 3)).toEqual([1, 1, 3]);
  });

  test('two that come back there together take two others', async () => {
    const script = {
      '': { b: 0.4, c: 0.3, d: 0.15, e: 0.06, a: 0.05 },
      ...{ b: { a: 0.98 }, c: { a: 0.98 } },
      ...{ d: { a: 0.9 }, e: { a: 0.9 }, a: { b: 0.9 } },
    };
    const run = await parted(script, ['bc', 'cb', 'da', 'ea', 'ab']);
    expect(run.texts.toSorted()).toEqual(['aab', 'ada', 'aea']);
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
