/** Reading ahead on the real engine: the same tokens in fewer runs of the network, whoever guesses. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cancelled, never } from '../../../language-server/inference/cancellation.js';
import { cappedAt, fullDepth } from '../../../language-server/inference/exit-policies.js';
import type { Branch, Drafter, LanguageModel, Session } from '../../../language-server/inference/model.js';
import type { OnnxModel } from '../../../language-server/inference/onnx-model.js';
import { speculating } from '../../../language-server/inference/speculation/speculative-model.js';
import type { TokenId } from '../../../language-server/tokens/vocabulary.js';
import {
  engineOf,
  greedyTokens,
  largestDifference,
  likeliest,
  randomBundleFolder,
  removeBundle,
  step,
  steps,
} from '../../support/random-engine.js';
import { randomNumbers } from '../../support/random-numbers.js';

let folder: string;
let model: OnnxModel;

beforeAll(async () => {
  folder = await randomBundleFolder();
  model = await engineOf(folder);
});
afterAll(async () => {
  await model.release();
  await removeBundle(folder);
});

/** Counts runs of the network, and guesses by `drafter`. */
function counting(drafter?: Drafter): { readonly counted: LanguageModel; readonly runs: () => number } {
  let runs = 0;
  const { layers, exits, maxTokens } = model;
  const counted: LanguageModel = {
    ...{ layers, exits, maxTokens, drafter },
    async open(prompt, cancellation) {
      const session = await model.open(prompt, cancellation);
      return {
        root: session.root,
        reading: session.reading,
        ahead: session.ahead!,
        forward: (...asked) => (runs++, session.forward(...asked)),
        readTree: (...asked) => (runs++, session.readTree(...asked)),
        [Symbol.dispose]: () => {
          session[Symbol.dispose]();
        },
      } satisfies Session;
    },
  };
  return { counted, runs: () => runs };
}

/** Guesses what follows each token by a rule, and is sure of it. */
function drafterBy(rule: (token: TokenId) => TokenId | undefined): Drafter {
  return {
    next: (state, token) => {
      const next = rule(token);
      return Promise.resolve({ state, guess: { token: next ?? 0, chance: next === undefined ? 0 : 0.9 } });
    },
  };
}

/** Tokens that the prompt does not hold, so that nothing can be looked up at first. */
const prompt = Array.from({ length: 40 }, (_, index) => 200 + index);
const LENGTH = 24;

function after(tokens: readonly TokenId[]): (token: TokenId) => TokenId | undefined {
  const next = new Map<TokenId, TokenId>();
  tokens.forEach((token, index) => next.set(token, tokens[index + 1]!));
  return (token) => next.get(token);
}

describe('greedy tokens', () => {
  test('are the same where all guesses hold, in fewer runs', async () => {
    const plain = await greedyTokens(model, prompt, LENGTH);
    const { counted, runs } = counting(drafterBy(after(plain)));
    expect(await greedyTokens(speculating(counted), prompt, LENGTH)).toEqual(plain);
    expect(runs()).toBeLessThan(LENGTH / 2);
  });

  test('are the same where no guess holds', async () => {
    const plain = await greedyTokens(model, prompt, LENGTH);
    const { counted } = counting(drafterBy(() => 7));
    const random = randomNumbers(3);
    expect(await greedyTokens(speculating(counted), prompt, LENGTH)).toEqual(plain);
    const { counted: wild } = counting(drafterBy(() => Math.floor(random() * 250)));
    expect(await greedyTokens(speculating(wild), prompt, LENGTH)).toEqual(plain);
  });

  test.each([1, 2, 3])('are the same where text repeats itself (seed %i)', async (seed) => {
    const random = randomNumbers(seed);
    const line = Array.from({ length: 6 }, () => 1 + Math.floor(random() * 250));
    const repeated = [...line, ...line, ...line.slice(0, 4)];
    const plain = await greedyTokens(model, repeated, LENGTH);
    const ahead = speculating(model);
    expect(await greedyTokens(ahead, repeated, LENGTH)).toEqual(plain);
    // What was read ahead leaves a cache that is as good as any.
    expect(await greedyTokens(model, [...repeated, ...plain.slice(0, 5)], 8)).toEqual(plain.slice(5, 13));
  });
});

test.each(['fp32', 'q4'] as const)('wrong guesses leave no trace in the last bit (%s)', async (weights) => {
  const quantised = await randomBundleFolder({ weights });
  const engine = await engineOf(quantised);
  try {
    const random = randomNumbers(5);
    const text = Array.from({ length: 70 }, () => 1 + Math.floor(random() * 250));
    const said = async (asked: LanguageModel): Promise<readonly Float32Array[]> => {
      using session = await asked.open(prompt, never);
      const logits: Float32Array[] = [];
      let branch = session.root;
      for (const token of text) {
        const spoken = await step(session, branch, token);
        logits.push(spoken.logits.slice());
        ({ branch } = spoken);
      }
      return logits;
    };
    const plain = await said(engine);
    const { layers, exits, maxTokens } = engine;
    // Every other guess holds.
    const drafter = drafterBy((token) => (token % 2 === 0 ? after(text)(token) : 7));
    const ahead = await said(
      speculating({ layers, exits, maxTokens, drafter, open: (...asked) => engine.open(...asked) }),
    );
    expect(ahead.map((logits, index) => largestDifference(logits, plain[index]!))).toEqual(text.map(() => 0));
  } finally {
    await engine.release();
    await removeBundle(quantised);
  }
});

describe('a session that reads ahead', () => {
  test('says what the network says, with the hidden state, and tells what was guessed', async () => {
    const plain = await greedyTokens(model, prompt, 4);
    using session = await speculating(counting(drafterBy(after(plain))).counted).open(prompt, never);
    const first = await step(session, session.root, prompt.at(-1)!);
    const second = await step(session, first.branch, plain[0]!);
    const third = await step(session, second.branch, plain[1]!);
    expect([second.wasGuessed, third.wasGuessed]).toEqual([undefined, true]);
    expect(session.speculated!.held).toBe(1);
    expect(session.speculated!.guessed).toBeGreaterThan(0);
    const { logits, hidden } = await (async () => {
      session[Symbol.dispose]();
      using alone = await model.open(prompt, never);
      return await steps(alone, alone.root, [prompt.at(-1)!, ...plain.slice(0, 2)]);
    })();
    expect(largestDifference(logits, third.logits)).toBe(0);
    expect(largestDifference(hidden!, third.hidden!)).toBe(0);
  });

  test('is not disturbed by a draft that goes back, or by others beside it', async () => {
    const plain = await greedyTokens(model, prompt, 6);
    using session = await speculating(counting(drafterBy(after(plain))).counted).open(prompt, never);
    const first = await step(session, session.root, prompt.at(-1)!);
    const second = await step(session, first.branch, plain[0]!);
    const other = await step(session, second.branch, 11);
    expect(other.wasGuessed).toBeUndefined();
    const back = await step(session, second.branch, plain[1]!);
    expect(likeliest(back.logits)).toBe(plain[2]);
    const both = await session.forward(
      [
        { after: second.branch, input: [[plain[1]!, 1]] },
        { after: second.branch, input: [[11, 1]] },
      ],
      fullDepth,
    );
    const said = both.map((one) => (one.kind === 'logits' ? likeliest(one.logits) : undefined));
    expect(said).toEqual([plain[2], likeliest(other.logits)]);
  });

  test('does not take what goes back, and says there what was guessed for further on, for that guess', async () => {
    const plain = await greedyTokens(model, prompt, 3);
    const answers = async (asked: LanguageModel) => {
      using session = await asked.open(prompt, never);
      const first = await step(session, session.root, prompt.at(-1)!);
      await step(session, first.branch, plain[0]!);
      const back = await step(session, first.branch, plain[1]!);
      return { ...back, guessed: session.speculated?.guessed };
    };
    const alone = await answers(model);
    const ahead = await answers(speculating(counting(drafterBy(after(plain))).counted));
    expect(ahead.guessed).toBeGreaterThan(0);
    expect(ahead.wasGuessed).toBeUndefined();
    expect(largestDifference(ahead.logits, alone.logits)).toBe(0);
  });

  test('ends when it is cancelled, and leaves a cache that is as good as any', async () => {
    const plain = await greedyTokens(model, prompt, 8);
    const cancellation = { requested: false };
    {
      using session = await speculating(counting(drafterBy(() => 7)).counted).open(prompt, cancellation);
      const first = await step(session, session.root, prompt.at(-1)!);
      const second = await step(session, first.branch, plain[0]!);
      cancellation.requested = true;
      await expect(step(session, second.branch, plain[1]!)).rejects.toThrow(Cancelled);
    }
    const longer = [...prompt, ...plain.slice(0, 2)];
    expect(await greedyTokens(model, longer, 6)).toEqual(plain.slice(2));
  });

  test('guesses nothing for mixtures and for tokens that may leave early', async () => {
    const { counted } = counting(drafterBy(() => 7));
    using session = await speculating(counted).open(prompt, never);
    const mixed = await session.forward([{ after: session.root, input: [[3, 0.5], [4, 0.5]] }], fullDepth); // prettier-ignore
    const early = await step(session, (mixed[0] as { branch: Branch }).branch, 5, cappedAt(2));
    expect(early.exit).toBe(2);
    expect(session.speculated).toEqual({ guessed: 0, held: 0 });
  });

  test('reads no further than the model takes', async () => {
    const short: LanguageModel = { ...counting(drafterBy(() => 7)).counted, maxTokens: prompt.length + 3 };
    using session = await speculating(short).open(prompt, never);
    const first = await step(session, session.root, prompt.at(-1)!);
    await step(session, first.branch, 1);
    expect(session.speculated!.guessed).toBe(1);
  });
});
