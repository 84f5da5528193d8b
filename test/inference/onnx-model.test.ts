/** The engine on a small bundle in full precision: caching, chunks, branches and exits change nothing that is said. */
import { describe, expect, test } from 'vitest';
import { Cancelled, never, type Cancellation } from '../../language-server/inference/cancellation.js';
import { cappedAt, fullDepth } from '../../language-server/inference/exit-policies.js';
import type { ExitPolicy } from '../../language-server/inference/model.js';
import type { OnnxModel } from '../../language-server/inference/onnx-model.js';
import { randomNumbers } from '../support/random-numbers.js';
import { openRandomEngine } from '../support/open-random-engine.js';
import {
  engineOf,
  greedyTokens,
  largestDifference,
  likeliest,
  step,
  steps,
} from '../support/random-engine.js';

const engine = openRandomEngine();

function randomPrompt(seed: number, length: number): readonly number[] {
  const random = randomNumbers(seed);
  return Array.from({ length }, () => 1 + Math.floor(random() * 250));
}

/** A model that remembers nothing. */
async function withFresh<T>(chunkTokens: number, use: (fresh: OnnxModel) => Promise<T>): Promise<T> {
  const fresh = await engineOf(engine.folder, chunkTokens);
  try {
    return await use(fresh);
  } finally {
    await fresh.release();
  }
}

describe('reading prompts', () => {
  test.each([1, 2, 3, 4, 5])('cached and fresh reading continue alike (seed %i)', async (seed) => {
    const random = randomNumbers(seed);
    let prompt = randomPrompt(seed, 60);
    for (let edit = 0; edit < 6; edit++) {
      const cached = await greedyTokens(engine.model, prompt, 16);
      const fresh = await withFresh(8, (other) => greedyTokens(other, prompt, 16));
      expect(cached).toEqual(fresh);
      const kept = Math.floor(random() * prompt.length);
      prompt = [...prompt.slice(0, kept), ...randomPrompt(seed * 100 + edit, 40)];
    }
  });

  test.each([1, 5, 16, 1000])('chunks of %i tokens continue like the whole', async (chunkTokens) => {
    const prompt = randomPrompt(7, 150);
    const whole = await withFresh(10_000, (other) => greedyTokens(other, prompt, 32));
    const chunked = await withFresh(chunkTokens, (other) => greedyTokens(other, prompt, 32));
    expect(chunked).toEqual(whole);
  });

  test('only what differs is read again', async () => {
    const prompt = randomPrompt(8, 100);
    await greedyTokens(engine.model, prompt, 1);
    using typed = await engine.model.open([...prompt.slice(0, 90), 3, 4, 5], never);
    expect(typed.reading).toMatchObject({ promptTokens: 93, reusedTokens: 90 });
  });

  test('a continuation that the next prompt contains is not read again', async () => {
    const prompt = randomPrompt(9, 50);
    const written = await greedyTokens(engine.model, prompt, 10);
    using next = await engine.model.open([...prompt, ...written, 77], never);
    // The last token written was never an input.
    expect(next.reading.reusedTokens).toBe(59);
    const cached = await step(next, next.root, 77);
    const fresh = await withFresh(8, async (other) => {
      using session = await other.open([...prompt, ...written, 77], never);
      return await step(session, session.root, 77);
    });
    expect(largestDifference(cached.logits, fresh.logits)).toBeLessThan(1e-3);
  });

  test('a prompt of one token is nothing but its first input', async () => {
    using session = await engine.model.open([5], never);
    expect(session.reading.reusedTokens).toBe(0);
    const alone = await step(session, session.root, 5);
    expect(alone.logits).toHaveLength(273);
  });

  test('prompts without tokens, or with too many, are mistakes of the caller', async () => {
    await expect(engine.model.open([], never)).rejects.toThrow('at least one token');
    await expect(engine.model.open(randomPrompt(1, 1025), never)).rejects.toThrow('1025');
  });

  test('two sessions at once are a mistake of the caller', async () => {
    using session = await engine.model.open([1, 2], never);
    expect(session.root.rows).toEqual([]);
    await expect(engine.model.open([1, 2], never)).rejects.toThrow('disposed');
  });
});

describe('branches', () => {
  test('several steps in one batch say what each says alone', async () => {
    const prompt = randomPrompt(10, 40);
    using session = await engine.model.open(prompt, never);
    const root = await step(session, session.root, prompt.at(-1)!);
    const inputs = [11, 12, 13];
    const batched = await session.forward(
      inputs.map((token) => ({ after: root.branch, input: [[token, 1]] as const })),
      fullDepth,
    );
    for (const [index, token] of inputs.entries()) {
      const alone = await step(session, root.branch, token);
      const forward = batched[index]!;
      expect(forward.kind === 'logits' && largestDifference(forward.logits, alone.logits)).toBeLessThan(1e-4);
    }
  });

  test.each([1, 2, 3])(
    'a random tree says along each branch what its text says alone (seed %i)',
    async (seed) => {
      const random = randomNumbers(seed);
      const prompt = randomPrompt(seed + 20, 120);
      using session = await engine.model.open(prompt, never);
      const root = await step(session, session.root, prompt.at(-1)!);
      let nodes = [{ text: [] as readonly number[], branch: root.branch, logits: root.logits }];
      for (let round = 0; round < 8; round++) {
        const parents = Array.from({ length: 3 }, () => nodes[Math.floor(random() * nodes.length)]!);
        const tokens = parents.map(() => 1 + Math.floor(random() * 250));
        const forwards = await session.forward(
          parents.map((parent, i) => ({ after: parent.branch, input: [[tokens[i]!, 1]] as const })),
          fullDepth,
        );
        const children = forwards.map((forward, i) => {
          if (forward.kind !== 'logits') throw new Error('stopped');
          return { text: [...parents[i]!.text, tokens[i]!], branch: forward.branch, logits: forward.logits };
        });
        nodes = [...nodes, ...children];
      }
      await withFresh(8, async (other) => {
        for (const { text, logits } of nodes) {
          using fresh = await other.open([...prompt, ...text], never);
          const alone = await step(fresh, fresh.root, [...prompt, ...text].at(-1)!);
          expect(largestDifference(alone.logits, logits)).toBeLessThan(1e-3);
        }
      });
    },
  );

  test('the longest exact branch outlives its session, whatever rows stood between', async () => {
    const prompt = randomPrompt(30, 20);
    {
      using session = await engine.model.open(prompt, never);
      const root = await step(session, session.root, prompt.at(-1)!);
      const left = await step(session, root.branch, 41);
      const right = await step(session, root.branch, 51);
      const leftNext = await step(session, left.branch, 42);
      await step(session, right.branch, 52);
      await step(session, leftNext.branch, 43);
    }
    using next = await engine.model.open([...prompt, 41, 42, 43, 44], never);
    expect(next.reading.reusedTokens).toBe(23);
    const cached = await step(next, next.root, 44);
    const fresh = await withFresh(8, async (other) => {
      using session = await other.open([...prompt, 41, 42, 43, 44], never);
      return await step(session, session.root, 44);
    });
    expect(largestDifference(cached.logits, fresh.logits)).toBeLessThan(1e-3);
  });

  test('a tree read in one batch says what its tokens say one by one, and its rows are exact', async () => {
    const prompt = randomPrompt(41, 20);
    const [a, b, c, d] = [61, 62, 63, 64];
    {
      using session = await engine.model.open(prompt, never);
      const root = await step(session, session.root, prompt.at(-1)!);
      const tree = [
        { token: a, parent: root.branch },
        { token: b, parent: 0 },
        { token: c, parent: 0 },
        { token: d, parent: 1 },
        { token: b, parent: root.branch },
      ];
      const spoken = await session.readTree(tree, fullDepth);
      const paths = [[a], [a, b], [a, c], [a, b, d], [b]];
      for (const [node, tokens] of paths.entries()) {
        const plain = await steps(session, root.branch, tokens);
        expect(largestDifference(spoken[node]!.logits, plain.logits)).toBeLessThan(1e-3);
      }
      const after = await step(session, spoken[3]!.branch, a);
      const plain = await steps(session, root.branch, [a, b, d, a]);
      expect(largestDifference(after.logits, plain.logits)).toBeLessThan(1e-3);
    }
    using longer = await engine.model.open([...prompt, a, b, d, a, 7], never);
    expect(longer.reading.reusedTokens).toBe(prompt.length + 4);
  });

  test('a tree is read no deeper than the policy that it is given goes', async () => {
    const prompt = randomPrompt(43, 20);
    const tokens = [prompt.at(-1)!, 61, 62];
    using session = await engine.model.open(prompt, never);
    const tree = tokens.map((token, at) => ({ token, parent: at === 0 ? session.root : at - 1 }));
    const spoken = await session.readTree(tree, cappedAt(2));
    expect(spoken.map(({ exit }) => exit)).toEqual([2, 2, 2]);
    const plain = await steps(session, session.root, tokens, cappedAt(2));
    expect(largestDifference(spoken[2]!.logits, plain.logits)).toBeLessThan(1e-3);
  });

  test('a mixture of one token is that token; a mixture of two is remembered by no prompt', async () => {
    const prompt = randomPrompt(31, 20);
    {
      using session = await engine.model.open(prompt, never);
      const root = await step(session, session.root, prompt.at(-1)!);
      const [mixed] = await session.forward(
        [
          {
            after: root.branch,
            input: [
              [61, 0.25],
              [62, 0.75],
            ],
          },
        ],
        fullDepth,
      );
      const plain = await step(session, root.branch, 62);
      expect(mixed?.kind === 'logits' && largestDifference(mixed.logits, plain.logits)).toBeGreaterThan(1e-3);
      const [halves] = await session.forward(
        [
          {
            after: root.branch,
            input: [
              [62, 0.5],
              [62, 0.5],
            ],
          },
        ],
        fullDepth,
      );
      expect(halves?.kind === 'logits' && largestDifference(halves.logits, plain.logits)).toBeLessThan(1e-4);
      await steps(session, mixed!.branch, [63, 64]);
    }
    using next = await engine.model.open([...prompt, 62, 63, 64], never);
    expect(next.reading.reusedTokens).toBe(21);
  });
});

describe('exits', () => {
  test('a token that leaves early is heard at that depth', async () => {
    const prompt = randomPrompt(40, 30);
    using session = await engine.model.open(prompt, never);
    const early = await step(session, session.root, prompt.at(-1)!, cappedAt(2));
    const deep = await step(session, session.root, prompt.at(-1)!);
    expect([early.exit, deep.exit]).toEqual([2, 4]);
    expect(largestDifference(early.logits, deep.logits)).toBeGreaterThan(1e-3);
  });

  test.each([1, 2, 3, 4])(
    'deep tokens after shallow ones say what they say after deep ones (seed %i)',
    async (seed) => {
      const random = randomNumbers(seed);
      const prompt = randomPrompt(seed + 50, 30);
      const text = [prompt.at(-1)!, ...randomPrompt(seed + 60, 12)];
      const anywhere: ExitPolicy = {
        watches: () => true,
        judge: () => (random() < 0.4 ? 'exit' : 'continue'),
      };
      using session = await engine.model.open(prompt, never);
      const shallow = await steps(session, session.root, text, anywhere);
      const lazy = await step(session, shallow.branch, 99);
      const reference = await steps(session, session.root, [...text, 99]);
      expect(largestDifference(lazy.logits, reference.logits)).toBeLessThan(1e-3);
      expect(likeliest(lazy.logits)).toBe(likeliest(reference.logits));
    },
  );

  test('in one batch, one branch may leave while its sibling goes on', async () => {
    const prompt = randomPrompt(70, 30);
    using session = await engine.model.open(prompt, never);
    const root = await step(session, session.root, prompt.at(-1)!, cappedAt(1));
    let asked = 0;
    const firstLeaves: ExitPolicy = {
      watches: (exit) => exit === 2,
      judge: () => (asked++ === 0 ? 'exit' : 'continue'),
    };
    const inputs = [71, 72].map((token) => ({ after: root.branch, input: [[token, 1]] as const }));
    const [left, right] = await session.forward(inputs, firstLeaves);
    expect([left!.exit, right!.exit]).toEqual([2, 4]);
    const lazyLeft = await step(session, left!.branch, 73);
    const reference = await steps(session, session.root, [prompt.at(-1)!, 71, 73]);
    expect(largestDifference(lazyLeft.logits, reference.logits)).toBeLessThan(1e-3);
  });

  test('the policy sees logits only where it asks, and may stop', async () => {
    const prompt = randomPrompt(80, 10);
    using session = await engine.model.open(prompt, never);
    const seen: number[] = [];
    const stopper: ExitPolicy = {
      watches: (exit) => exit >= 2,
      async judge({ exit, lastExit, logits }) {
        seen.push(exit, lastExit);
        return exit === 3 && (await logits()).length === 273 ? 'stop' : 'continue';
      },
    };
    const input = [[prompt.at(-1)!, 1]] as const;
    const [stopped] = await session.forward([{ after: session.root, input }], stopper);
    expect(stopped).toMatchObject({ kind: 'stopped', exit: 3 });
    expect(seen).toEqual([2, 4, 3, 4]);
    const onwards = await step(session, stopped!.branch, 81);
    const reference = await steps(session, session.root, [prompt.at(-1)!, 81]);
    expect(largestDifference(onwards.logits, reference.logits)).toBeLessThan(1e-3);
  });

  test('rows that never went to full depth do not outlive the session', async () => {
    const prompt = randomPrompt(90, 20);
    {
      using session = await engine.model.open(prompt, never);
      await steps(session, session.root, [prompt.at(-1)!, 91, 92], cappedAt(3));
    }
    using next = await engine.model.open([...prompt, 91, 92, 93], never);
    expect(next.reading.reusedTokens).toBe(19);
  });
});

describe('cancellation', () => {
  /** Says yes from the n-th look on. */
  function after(looks: number): Cancellation & { looks: number } {
    return {
      looks: 0,
      get requested() {
        return ++this.looks > looks;
      },
    };
  }

  test('is looked at before every block of every chunk, and keeps what was read', async () => {
    const prompt = randomPrompt(100, 65);
    await withFresh(8, async (fresh) => {
      // Chunks of 8 tokens, 4 blocks each: the 11th look is inside the third chunk.
      const cancellation = after(10);
      await expect(fresh.open(prompt, cancellation)).rejects.toThrow(Cancelled);
      expect(cancellation.looks).toBe(11);
      using session = await fresh.open(prompt, never);
      expect(session.reading.reusedTokens).toBe(16);
      const cached = await step(session, session.root, prompt.at(-1)!);
      expect(likeliest(cached.logits)).toBe(
        (await withFresh(8, (other) => greedyTokens(other, prompt, 1)))[0],
      );
    });
  });

  test('ends a step between blocks; the next session is sound', async () => {
    const prompt = randomPrompt(101, 8);
    const expected = await withFresh(8, (other) => greedyTokens(other, prompt, 8));
    for (let looks = 0; looks < 12; looks++) {
      await greedyTokens(engine.model, [1], 1);
      const attempt = async (): Promise<void> => {
        using session = await engine.model.open(prompt, after(looks));
        await steps(session, session.root, [prompt.at(-1)!, 5, 6]);
      };
      await expect(attempt()).rejects.toThrow(Cancelled);
      expect(await greedyTokens(engine.model, prompt, 8)).toEqual(expected);
    }
  });
});
