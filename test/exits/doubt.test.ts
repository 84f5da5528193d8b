/** Doubt: drafts end where they may well be wrong, cut back to what is sure, or to nothing. */
import { describe, expect, test } from 'vitest';
import { doubtBy } from '../../language-server/decoding/doubt/doubt.js';
import { featureNames } from '../../language-server/decoding/doubt/features.js';
import { fitLogistic, logOdds, type Logistic } from '../../language-server/decoding/doubt/logistic.js';
import { readStopModel } from '../../language-server/decoding/doubt/stop-model.js';
import { runScript } from '../support/scripted-decoding.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const spellings = ['foo', 'Bar', '(', 'x', ')', ';', ' ', '.'];

/** Sure as long as the least likely token is likely: even odds where it has a probability of one half. */
const byLeast: Logistic = {
  means: featureNames.map(() => 0),
  scales: featureNames.map(() => 1),
  weights: featureNames.map((name) => (name === 'log probability of the least likely token' ? 4 : 0)),
  offset: -4 * Math.log(0.5),
};

function doubting(least: number) {
  const { vocabulary } = toyTokenizer(spellings);
  const surroundings = { kind: 'code', atLineStart: true, isKnown: () => true } as const;
  return doubtBy({ least }, { model: byLeast, controller: undefined, vocabulary, surroundings, healed: 0 });
}

const atSemicolon = ({ text }: { readonly text: string }) =>
  text.endsWith(';') ? [{ ending: 'statement', keep: text.length } as const] : [];

/** Writes `foo(x);`, sure of all but the argument. */
const script = (written: string): Record<string, number> => {
  switch (written) {
    case '':
      return { foo: 0.9 };
    case 'foo':
      return { '(': 0.8, Bar: 0.1 };
    case 'foo(':
      return { x: 0.2, Bar: 0.1 };
    case 'foo(x':
      return { ')': 0.9 };
    default:
      return { ';': 0.9 };
  }
};

describe('a draft', () => {
  test('runs to its end when nothing is asked of it', async () => {
    const { drafts } = await runScript(spellings, script, { doubt: doubting(0), endingRule: atSemicolon });
    expect(drafts[0]!.text).toBe('foo(x);');
    expect(drafts[0]!.tokens.map(({ sure }) => sure! > 0.5)).toEqual([true, true, false, false, false]);
  });

  test('stops at the token that makes it unsure, and goes back to where it may end', async () => {
    const run = await runScript(spellings, script, { doubt: doubting(0.5), endingRule: atSemicolon });
    expect(run.drafts[0]).toMatchObject({ text: 'foo', ending: 'uncertain' });
    expect(run.batches.length).toBe(3);
  });

  test('is nothing where it is unsure from the first token on', async () => {
    const run = await runScript(spellings, () => ({ foo: 0.3, Bar: 0.2 }), { doubt: doubting(0.5) });
    expect(run.drafts[0]).toMatchObject({ text: '', ending: 'uncertain' });
  });

  test('is not cut inside a word', async () => {
    const inWord = (written: string): Record<string, number> =>
      written === '' ? { foo: 0.9 } : { Bar: 0.3 };
    const run = await runScript(spellings, inWord, { doubt: doubting(0.5) });
    expect(run.drafts[0]).toMatchObject({ text: '', ending: 'uncertain' });
  });

  test('a threshold of one is silence; what is learnt here moves the threshold', async () => {
    const silent = await runScript(spellings, script, { doubt: doubting(1) });
    expect(silent.drafts[0]!.text).toBe('');
    const { vocabulary } = toyTokenizer(spellings);
    const surroundings = { kind: 'code', atLineStart: true, isKnown: () => true } as const;
    const trusting = doubtBy(
      { least: 0.5, local: { slope: 1, shift: 6 } },
      { model: byLeast, controller: undefined, vocabulary, surroundings, healed: 0 },
    );
    const { drafts } = await runScript(spellings, script, { doubt: trusting, endingRule: atSemicolon });
    expect(drafts[0]!.text).toBe('foo(x);');
  });
});

describe('the logistic model', () => {
  test('finds weights that made the labels', () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => [
      Math.sin(index * 1.7),
      Math.cos(index * 0.9),
      5,
    ]);
    const labels = rows.map(([a, b], index) => 2 * a! - b! + 0.5 > Math.sin(index * 12.9898) * 0.8);
    const model = fitLogistic(rows, labels, 1);
    const right = rows.filter((row, index) => logOdds(model, row) > 0 === labels[index]).length;
    expect(right / rows.length).toBeGreaterThan(0.85);
    expect(model.weights[0]! / model.scales[0]!).toBeGreaterThan(0);
    expect(model.weights[1]! / model.scales[1]!).toBeLessThan(0);
  });
});

describe('a stop model', () => {
  const good = {
    format: 'candor-stop',
    version: 1,
    features: [...featureNames],
    means: byLeast.means,
    scales: byLeast.scales,
    weights: byLeast.weights,
    offset: 0,
    places: 10,
    tokens: 100,
    right: 0.5,
  };

  test('is read as it was written', () => {
    expect(readStopModel(JSON.stringify(good))).toMatchObject({ places: 10, tokens: 100 });
  });

  test.each([
    ['not JSON', '{', /not JSON/],
    ['without weights', JSON.stringify({ ...good, weights: undefined }), /invalid: weights/],
    ['with other features', JSON.stringify({ ...good, features: ['a'] }), /another version/],
    ['with too few weights', JSON.stringify({ ...good, weights: [1] }), /one number for each/],
  ])('%s cannot be used, in words', (_, text, why) => {
    expect(readStopModel(text)).toMatch(why);
  });
});
