/** Superposed drafts are read again once they are written: then they are as likely as each is alone, and ranked by that. */
import { expect, test } from 'vitest';
import { isEstimated } from '../../language-server/decoding/draft.js';
import { superposed } from '../../language-server/decoding/drafting/superposed.js';
import { Cancelled } from '../../language-server/inference/cancellation.js';
import { byPairs, chances, letters, threeWays } from '../support/letter-script.js';
import { oneOf } from '../support/one-of.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const three = { drafting: superposed(byPairs), width: 3 };

test('drafts are read again in one batch once they are written, and then are as likely as alone', async () => {
  const run = await runScript(letters, threeWays, three);
  expect(run.texts).toEqual(['a', 'bd', 'ce']);
  expect(run.drafts.some(isEstimated)).toBe(false);
  expect(chances(run.drafts)).toEqual({
    a: expect.closeTo(0.5, 3) as number,
    bd: expect.closeTo(0.27, 3) as number,
    ce: expect.closeTo(0.16, 3) as number,
  });
});

test('the first draft has a row, all others share one, and only what these said is read again', async () => {
  const run = await runScript(letters, threeWays, three);
  // The first token; a, and the mixture of b and c; when a has ended, the mixture of d and e; then b and c apart.
  expect(run.batches).toEqual([1, 2, 1, 2]);
  expect(run.readAgain!.tokens).toBe(2);
  expect(run.decodeMs).toBeGreaterThanOrEqual(run.readAgain!.ms);
});

/** `ce` with .2 × .9 is likelier than `bd` with .3 × .5; but in the mixture d has .6 × .5, and e .4 × .9. */
const turnedRound: TextScript = (written) =>
  ({
    '': { a: 0.5, b: 0.3, c: 0.2 },
    a: { '<end>': 0.9 },
    b: { d: 0.5, '<end>': 0.05 },
    c: { e: 0.9, '<end>': 0.05 },
  })[written] ?? { '<end>': 0.99 };

test('they are ranked by how likely they are, and not by what their row said', async () => {
  const run = await runScript(letters, turnedRound, three);
  const estimated = chances(run.history.at(-1)!);
  expect(estimated.bd).toBeCloseTo(0.09, 3);
  expect(estimated.ce).toBeCloseTo(0.072, 3);
  expect(run.texts).toEqual(['a', 'ce', 'bd']);
  expect(chances(run.drafts)).toEqual({
    a: expect.closeTo(0.5, 3) as number,
    ce: expect.closeTo(0.18, 3) as number,
    bd: expect.closeTo(0.15, 3) as number,
  });
});

test('what drafts have in common is read again once', async () => {
  const script: TextScript = (written) =>
    ({
      '': { a: 0.5, b: 0.3, c: 0.05 },
      a: { '<end>': 0.9 },
      b: { d: 0.5, e: 0.4 },
      bd: { a: 0.9 },
      be: { a: 0.9 },
    })[written] ?? { '<end>': 0.99 };
  const constraint = oneOf(['a', 'bda', 'bea', 'czz']);
  const run = await runScript(letters, script, { ...three, constraint });
  expect(run.texts).toEqual(['a', 'bda', 'bea']);
  // b, and d and e after it.
  expect(run.readAgain!.tokens).toBe(3);
});

test('where no time is left for that, only what is exact is handed out, and the trace says so', async () => {
  let steps = 0;
  const run = await runScript(letters, turnedRound, {
    ...three,
    onStep: () => {
      steps++;
    },
    isLate: () => 3 <= steps,
  });
  expect(run.batches).toEqual([1, 2, 1]);
  expect(run.texts).toEqual(['a']);
  expect(run.readAgain).toBeUndefined();
  expect(run.trace).toContainEqual({
    kind: 'note',
    text: 'No time was left to tell how likely others are: 2 left out.',
  });
});

test('when nobody wants them any more, they are not read again', async () => {
  const cancellation = { requested: false };
  let steps = 0;
  const run = runScript(letters, turnedRound, {
    ...three,
    cancellation,
    onStep: () => {
      steps++;
      cancellation.requested = steps === 3;
    },
  });
  await expect(run).rejects.toThrow(Cancelled);
  expect(steps).toBe(3);
});

test('drafts that are judged by what follows the cursor are read again first', async () => {
  const tokenizer = toyTokenizer(letters);
  const rescoring = { tokenizer, following: 'e' };
  const run = await runScript(letters, threeWays, { ...three, rescoring });
  expect(run.drafts.map(({ text }) => text).sort()).toEqual(['a', 'bd', 'ce']);
  expect(chances(run.drafts)).toMatchObject({
    bd: expect.closeTo(0.27, 3) as number,
    ce: expect.closeTo(0.16, 3) as number,
  });
  expect(run.batches.slice(0, 4)).toEqual([1, 2, 1, 2]);
  expect(run.readAgain!.tokens).toBe(2);
});
