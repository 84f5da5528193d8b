/** The parts of `bench exits` that figures rest on: replays against real runs, quality by exit, self-speculation. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBundle } from '../../language-server/inference/bundle.js';
import { never } from '../../language-server/inference/cancellation.js';
import { controllerOf } from '../../language-server/inference/exit-controller.js';
import { fullDepth, policyFor } from '../../language-server/inference/exit-policies.js';
import type { ExitPolicy, LanguageModel } from '../../language-server/inference/model.js';
import { loadNetwork, type Network } from '../../language-server/inference/network.js';
import { startRuntime } from '../../language-server/inference/onnx-session.js';
import { openRandomEngine } from '../support/open-random-engine.js';
import { greedyTokens, likeliest, step } from '../support/random-engine.js';
import { randomNumbers } from '../support/random-numbers.js';
import { qualityOf } from './exits/quality.js';
import { Recorder, recording, type ExitSeen, type StepSeen } from './exits/recording.js';
import { replay } from './exits/replay.js';
import { rulesFor } from './exits/rules.js';
import { Speculating } from './exits/self-speculation.js';

const prompt = [5, 6, 7, 8, 9, 10, 11, 12];
const engine = openRandomEngine();

/** Greedy tokens, and how deep each was. */
async function decoded(from: LanguageModel, policy: ExitPolicy, count: number) {
  using session = await from.open(prompt, never);
  const [tokens, exits]: [number[], number[]] = [[], []];
  let branch = session.root;
  for (let token = prompt.at(-1)!; tokens.length < count;) {
    const spoken = await step(session, branch, token, policy);
    token = likeliest(spoken.logits);
    tokens.push(token);
    exits.push(spoken.exit);
    ({ branch } = spoken);
  }
  return { tokens, exits };
}

describe('a replay', () => {
  test.each(['entropy', 'margin'] as const)(
    'by %s says what the rule does, up to where it chooses otherwise',
    async (rule) => {
      const recorder = new Recorder();
      const [full, steps] = await recorder.during(true, () =>
        decoded(recording(engine.model, recorder), { ...fullDepth }, 16),
      );
      expect(full).toEqual(await decoded(engine.model, fullDepth, 16));
      const seen = steps.flatMap(({ exits }) => exits.slice(0, -1).map((exit) => exit[rule]));
      const thresholds = [...seen].sort((a, b) => a - b).filter((_, at) => at % 5 === 0);
      let early = 0;
      for (const at of thresholds) {
        const choice = { rule, at };
        const compared = rulesFor({ rule: 'controller', at: 0.5 });
        const leaves = rulesFor(choice).find(({ name }) => name === 'exits')!.leaves;
        expect(compared.length).toBeGreaterThan(10);
        const said = replay(steps, leaves, () => true);
        const real = await decoded(engine.model, policyFor(choice, engine.model).policy, 16);
        expect(real.exits.slice(0, said.exits.length)).toEqual(said.exits);
        expect(real.tokens.slice(0, said.exits.length - 1)).toEqual(
          full.tokens.slice(0, said.exits.length - 1),
        );
        if (said.isSame) expect(real.tokens).toEqual(full.tokens);
        early += said.exits.filter((exit) => exit < 4).length;
      }
      expect(early).toBeGreaterThan(0);
    },
  );

  const at = (exit: number, choice: number, leave: number): ExitSeen => ({
    ...{ exit, choice, leave, entropy: 0, margin: 0 },
  });
  const steps: readonly StepSeen[] = [
    { input: 1, exit: 2, exits: [at(1, 7, 0.9), at(2, 7, 0)] },
    { input: 7, exit: 2, exits: [at(1, 5, 0.1), at(2, 8, 0)] },
    { input: 8, exit: 2, exits: [at(1, 9, 0.9), at(2, 3, 0)] },
  ];
  const leaves = ({ leave }: ExitSeen): boolean => leave > 0.5;

  test('ends where another token would be chosen, and notices who sees skipped layers', () => {
    expect(replay(steps.slice(0, 1), leaves, () => true)).toEqual({
      ...{ exits: [1], isSame: true, seesSkipped: false },
    });
    expect(replay(steps.slice(0, 2), leaves, () => true)).toEqual({
      ...{ exits: [1, 2], isSame: true, seesSkipped: true },
    });
    expect(replay(steps, leaves, () => true)).toMatchObject({ exits: [1, 2, 1], isSame: false });
    expect(
      replay(
        steps,
        () => false,
        () => false,
      ),
    ).toMatchObject({ exits: [2, 2, 2], isSame: true });
  });

  test('is not certain where constraints had a say', () => {
    expect(replay(steps, leaves, () => false)).toMatchObject({ exits: [1], isSame: false });
  });

  test('quality counts what continues the truth, beyond the text that stands there already', () => {
    const bytesOf = (token: number): Uint8Array => Uint8Array.of(token);
    const seen = qualityOf(steps, bytesOf, Uint8Array.of(7, 8, 9), 1);
    expect(seen).toEqual({
      exits: [
        { exit: 1, same: 0, right: 1 },
        { exit: 2, same: 2, right: 1 },
      ],
      tokens: 2,
      afterRight: 2,
    });
  });
});

describe('self-speculation', () => {
  let network: Network;
  beforeAll(async () => {
    network = await loadNetwork(await readBundle(engine.folder), await startRuntime(1), () => undefined);
  });
  afterAll(() => network.release());

  test.each([
    [1, 2, 0],
    [2, 4, 0],
    [3, 6, 0],
    [3, 4, 0.34],
  ])(
    'drafting at exit %i, %i at once, least chance %f: the tokens of full depth',
    async (exit, most, least) => {
      const random = randomNumbers(exit);
      // Heads of chance: some tokens are sure, others not.
      const heads = Float32Array.from({ length: 4 * 3 * 65 }, () => random() - 0.5);
      const speculating = new Speculating(network, controllerOf([1, 2, 3, 4], heads, 65, null));
      for (const seed of [1, 2, 3]) {
        const text = Array.from({ length: 40 + seed }, () => 1 + Math.floor(random() * 250));
        const expected = await greedyTokens(engine.model, text, 24);
        await speculating.read(text, 24 + most);
        expect(await speculating.plain(text.at(-1)!, 24)).toEqual(expected);
        expect(await speculating.speculative(text.at(-1)!, 24, { exit, most, least })).toEqual(expected);
      }
    },
  );
});
