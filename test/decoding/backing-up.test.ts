/** Drafts that go back, in the real loop on a scripted model. */
import { describe, expect, test } from 'vitest';
import type { Constraint } from '../../language-server/constraints/constraint.js';
import { BackingUp, type BackingUpSettings } from '../../language-server/decoding/aligned/backing-up.js';
import { sampled } from '../../language-server/decoding/choice.js';
import { oneOf } from '../support/one-of.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';

const usual: BackingUpSettings = {
  exponent: Infinity,
  seed: 0,
  chosenAbove: 0.5,
  mostRemoved: 0.5,
  mostTakenBack: 8,
};

function run(
  script: TextScript,
  texts: readonly string[],
  settings: Partial<BackingUpSettings> = {},
  options: Parameters<typeof runScript>[2] = {},
) {
  return runScript(['a', 'b', 'c', 'x'], script, {
    constraint: oneOf(texts),
    backingUp: new BackingUp({ ...usual, ...settings }),
    ...options,
  });
}

/** Wants to begin with `a`, then `x`; or else `b`, then to end. */
const misled: TextScript = (written) =>
  ({
    '': { a: 0.6, b: 0.4 },
    a: { x: 0.9, c: 0.1 },
    b: { '<end>': 0.99 },
  })[written] ?? { '<end>': 0.9 };

describe('a greedy draft', () => {
  test('goes back where most of what the model would write is refused', async () => {
    const { drafts, trace, steps } = await run(misled, ['ac', 'b']);
    expect(drafts[0]).toMatchObject({ text: 'b', ending: 'end-of-text', takenBack: 1 });
    expect(drafts[0]!.logProb).toBeCloseTo(Math.log(0.4), 3);
    const told = trace.find((entry) => entry.kind === 'backed-up');
    expect(told).toMatchObject({ at: 1, to: 0 });
    expect((told as { removed: number }).removed).toBeCloseTo(0.9, 3);
    // The root, a, the root once more, b.
    expect(steps).toBe(4);
  });

  test('goes on where most is allowed', async () => {
    const { drafts, trace } = await run(misled, ['ac', 'b'], { mostRemoved: 0.95 });
    expect(drafts[0]).toMatchObject({ text: 'ac', takenBack: 0 });
    expect(trace.some(({ kind }) => kind === 'backed-up')).toBe(false);
  });

  test('goes on where the same would be chosen again', async () => {
    const sure: TextScript = (written) => (written === '' ? { a: 0.95, b: 0.05 } : misled(written));
    // What is left of a is 0.095, against 0.05.
    const { drafts, steps } = await run(sure, ['ac', 'b']);
    expect(drafts[0]).toMatchObject({ text: 'ac', takenBack: 0 });
    expect(steps).toBe(3);
    // Going back would only be in vain.
    const inVain = await run(sure, ['ac', 'b'], { chosenAbove: 1 });
    expect(inVain.drafts[0]).toMatchObject({ text: 'ac', takenBack: 1 });
  });

  test('with exponent 0 it takes what is allowed', async () => {
    expect((await run(misled, ['ac', 'b'], { exponent: 0 })).texts).toEqual(['ac']);
  });

  test('goes no further back than it may in all', async () => {
    expect((await run(misled, ['ac', 'b'], { mostTakenBack: 0 })).texts).toEqual(['ac']);
  });

  test('leaves a dead end, whatever the exponent', async () => {
    for (const exponent of [0, 1, Infinity]) {
      const { drafts } = await run(
        misled,
        ['axc', 'b'],
        { exponent },
        {
          constraint: deadAfter('ax', oneOf(['axc', 'b'])),
        },
      );
      expect(drafts[0], String(exponent)).toMatchObject({ text: 'b', ending: 'end-of-text' });
    }
  });

  test('ends in a dead end where there is no way out', async () => {
    const { drafts } = await run(misled, ['axc'], {}, { constraint: deadAfter('ax', oneOf(['axc'])) });
    expect(drafts[0]).toMatchObject({ text: '', ending: 'dead-end' });
  });

  test('equal seeds go back to equal places', async () => {
    const script: TextScript = (written) =>
      written.length < 4 ? { a: 0.7, b: 0.3 } : written.length < 5 ? { x: 0.95, c: 0.05 } : { '<end>': 1 };
    const texts = Array.from({ length: 32 }, (_, i) =>
      Array.from(i.toString(2).padStart(5, '0'), (bit) => (bit === '0' ? 'a' : 'b'))
        .join('')
        .slice(0, 4),
    ).map((text) => `${text}c`);
    const wentTo = async (seed: number) =>
      (await run(script, texts, { exponent: 1, seed })).trace.flatMap((entry) =>
        entry.kind === 'backed-up' ? [entry.to] : [],
      );
    const places = await Promise.all(Array.from({ length: 12 }, (_, seed) => wentTo(seed)));
    expect(await wentTo(3)).toEqual(places[3]);
    expect(new Set(places.map(String)).size).toBeGreaterThan(1);
  });
});

test('drafts that have parted ways do not go back to where they parted', async () => {
  const { drafts } = await run(misled, ['ac', 'b'], {}, { width: 2 });
  expect(drafts.map(({ text }) => text).toSorted()).toEqual(['ac', 'b']);
});

/** Allows what `constraint` allows; but after `text` nothing at all, which shows one token late. */
function deadAfter(text: string, constraint: Constraint, written = ''): Constraint {
  return {
    ...constraint,
    after(more) {
      if (written === text) return undefined;
      const next = constraint.after(more);
      return next && deadAfter(text, next, written + more);
    },
    mayEnd: () => written !== text && constraint.mayEnd(),
  };
}

describe('samples', () => {
  const LENGTH = 4;
  const bits = Array.from({ length: 2 ** LENGTH }, (_, i) =>
    i.toString(2).padStart(LENGTH, '0').replaceAll('0', 'a').replaceAll('1', 'b'),
  );
  /** One word after a, eight after b: drawing tokens among the allowed makes the lone word far too likely. */
  const words = ['aaaa', ...bits.filter((word) => word.startsWith('b'))];
  const script: TextScript = (written) => (written.length === LENGTH ? { '<end>': 1 } : { a: 0.5, b: 0.5 });

  /** KL divergence to the model's own distribution given the words, all of which are equally likely, in nats. */
  async function divergence(exponent: number, samples: number): Promise<{ kl: number; steps: number }> {
    const counts = new Map<string, number>();
    let steps = 0;
    for (let seed = 0; seed < samples; seed++) {
      const settings = { exponent, seed, chosenAbove: 1, mostRemoved: 0, mostTakenBack: 1_000 };
      const drawn = await run(script, words, settings, { choose: sampled(1, seed) });
      const text = drawn.texts[0]!;
      expect(words).toContain(text);
      counts.set(text, (counts.get(text) ?? 0) + 1);
      steps += drawn.steps;
    }
    const kl = [...counts.values()].reduce(
      (sum, count) => sum + (count / samples) * Math.log((count / samples) * words.length),
      0,
    );
    return { kl, steps: steps / samples };
  }

  test('come nearer to the model the further they go back', async () => {
    const plain = await divergence(0, 1_500);
    const aligned = await divergence(1, 1_500);
    const startsOver = await divergence(Infinity, 1_500);
    expect(plain.kl).toBeGreaterThan(0.3);
    expect(aligned.kl).toBeLessThan(plain.kl / 2);
    expect(startsOver.kl).toBeLessThan(aligned.kl);
    expect(startsOver.kl).toBeLessThan(0.02);
    expect(aligned.steps).toBeLessThan(startsOver.steps);
  });
});
