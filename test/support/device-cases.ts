/**
 * What a model must say alike on every device: each case asks two models the same and returns by how much their logits
 * differ at most. Small, since a device may be a slow imitation of a graphics card.
 */
import { never } from '../../language-server/inference/cancellation.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import type { Branch, ExitPolicy, LanguageModel, Session } from '../../language-server/inference/model.js';
import { largestDifference } from './random-engine.js';
import { randomNumbers } from './random-numbers.js';

/** Asks one model, and returns all logits that it has spoken. */
type Case = (model: LanguageModel) => Promise<readonly Float32Array[]>;

function randomPrompt(seed: number, length: number): readonly number[] {
  const random = randomNumbers(seed);
  return Array.from({ length }, () => 1 + Math.floor(random() * 250));
}

interface Speaker {
  readonly spoken: Float32Array[];
  /** One step for each branch and token, all in one batch. */
  readonly say: (
    steps: readonly (readonly [Branch, number])[],
    policy?: ExitPolicy,
  ) => Promise<readonly Branch[]>;
}

function speaker(session: Session, spoken: Float32Array[] = []): Speaker {
  return {
    spoken,
    async say(steps, policy = fullDepth) {
      const forwards = await session.forward(
        steps.map(([after, token]) => ({ after, input: [[token, 1]] as const })),
        policy,
      );
      for (const forward of forwards) if (forward.kind === 'logits') spoken.push(forward.logits.slice());
      return forwards.map((forward) => forward.branch);
    },
  };
}

/** Leaves at the first exit in the order given; true means leave. */
function leaving(...leaves: readonly boolean[]): ExitPolicy {
  let asked = 0;
  return {
    watches: (exit) => exit === 1,
    judge: () => (leaves[asked++ % leaves.length] ? 'exit' : 'continue'),
  };
}

export const deviceCases: Readonly<Record<string, Case>> = {
  'a prompt in several chunks, and steps after it': async (model) => {
    const prompt = randomPrompt(1, 45);
    using session = await model.open(prompt, never);
    const { say, spoken } = speaker(session);
    let branch = session.root;
    for (const token of [prompt.at(-1)!, 7, 8]) [branch] = (await say([[branch, token]])) as [Branch];
    return spoken;
  },

  'tokens that left early, filled in when one goes deep': async (model) => {
    const prompt = randomPrompt(2, 12);
    using session = await model.open(prompt, never);
    const { say, spoken } = speaker(session);
    let branch = session.root;
    const leaves = [false, true, true, false, true];
    for (const [index, leave] of leaves.entries()) {
      const token = index === 0 ? prompt.at(-1)! : 20 + index;
      [branch] = (await say([[branch, token]], leaving(leave))) as [Branch];
    }
    await say([[branch, 30]]);
    return spoken;
  },

  'siblings of which one leaves early, and both their children': async (model) => {
    const prompt = randomPrompt(3, 12);
    using session = await model.open(prompt, never);
    const { say, spoken } = speaker(session);
    const [root] = (await say([[session.root, prompt.at(-1)!]])) as [Branch];
    const [left, right] = (await say(
      [
        [root, 41],
        [root, 42],
      ],
      leaving(true, false),
    )) as [Branch, Branch];
    await say([
      [right, 43],
      [left, 44],
    ]);
    return spoken;
  },

  'a batch of three branches of different lengths': async (model) => {
    const prompt = randomPrompt(4, 12);
    using session = await model.open(prompt, never);
    const { say, spoken } = speaker(session);
    const [root] = (await say([[session.root, prompt.at(-1)!]])) as [Branch];
    const [first] = (await say([[root, 51]])) as [Branch];
    await say([
      [session.root, 52],
      [root, 53],
      [first, 54],
    ]);
    return spoken;
  },

  'a mixture of two tokens': async (model) => {
    const prompt = randomPrompt(5, 12);
    using session = await model.open(prompt, never);
    const [mixed] = await session.forward(
      [
        {
          after: session.root,
          input: [
            [61, 0.25],
            [62, 0.75],
          ],
        },
      ],
      fullDepth,
    );
    return mixed?.kind === 'logits' ? [mixed.logits] : [];
  },

  'rolling back, within a session and to an older prompt': async (model) => {
    const prompt = randomPrompt(6, 20);
    const spoken: Float32Array[] = [];
    {
      using session = await model.open(prompt, never);
      const { say } = speaker(session, spoken);
      const [root] = (await say([[session.root, prompt.at(-1)!]])) as [Branch];
      await say([[root, 71]]);
      const [kept] = (await say([[root, 72]])) as [Branch];
      await say([[kept, 73]]);
    }
    // The kept branch has been moved together behind the prompt; the other one is gone.
    const longer = [...prompt, 72, 73, 74];
    {
      using session = await model.open(longer, never);
      spoken.push(Float32Array.of(session.reading.reusedTokens));
      await speaker(session, spoken).say([[session.root, 74]]);
    }
    const older = [...prompt.slice(0, 10), 75, 76];
    using session = await model.open(older, never);
    spoken.push(Float32Array.of(session.reading.reusedTokens));
    await speaker(session, spoken).say([[session.root, 76]]);
    return spoken;
  },
};

/** The same, too long for a slow device. */
export const longDeviceCases: Readonly<Record<string, Case>> = {
  'a cache that grows, and gives room back': async (model) => {
    const spoken: Float32Array[] = [];
    for (const length of [250, 300, 900, 40, 280]) {
      const prompt = randomPrompt(7, length);
      using session = await model.open(prompt, never);
      await speaker(session, spoken).say([[session.root, prompt.at(-1)!]]);
    }
    return spoken;
  },

  'a random tree with random exits': async (model) => {
    const random = randomNumbers(8);
    const prompt = randomPrompt(8, 60);
    using session = await model.open(prompt, never);
    const { say, spoken } = speaker(session);
    let branches = await say([[session.root, prompt.at(-1)!]]);
    const anywhere: ExitPolicy = {
      watches: () => true,
      judge: () => (random() < 0.3 ? 'exit' : 'continue'),
    };
    for (let round = 0; round < 12; round++) {
      const parents = Array.from({ length: 3 }, () => branches[Math.floor(random() * branches.length)]!);
      const steps = parents.map((parent) => [parent, 1 + Math.floor(random() * 250)] as const);
      branches = [...branches, ...(await say(steps, anywhere))];
    }
    return spoken;
  },
};

/** By how much two models differ at most in what they say; they must say equally much. */
export async function difference(ask: Case, left: LanguageModel, right: LanguageModel): Promise<number> {
  const [all, others] = [await ask(left), await ask(right)];
  if (all.length !== others.length || all.length === 0) {
    throw new Error(`The models spoke ${all.length} and ${others.length} times.`);
  }
  return Math.max(...all.map((logits, index) => largestDifference(logits, others[index]!)));
}
