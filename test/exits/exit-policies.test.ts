/** Exit policies: what they decide on scripted observations, and what the engine makes of them at the extremes. */
import { describe, expect, test } from 'vitest';
import { policyOf as wished } from '../../language-server/decoding/wishes.js';
import type { WriteRequest } from '../../language-server/decoding/write-request.js';
import { never } from '../../language-server/inference/cancellation.js';
import {
  controllerOf,
  outcomes,
  type ExitController,
} from '../../language-server/inference/exit-controller.js';
import {
  byController,
  byEntropy,
  byMargin,
  fullDepth,
  policyFor,
  type ExitChoice,
} from '../../language-server/inference/exit-policies.js';
import type { ExitObservation, ExitPolicy, LanguageModel } from '../../language-server/inference/model.js';
import { openRandomEngine } from '../support/open-random-engine.js';
import { likeliest, step } from '../support/random-engine.js';

const width = 2;

/** Heads of one exit: scores of continue, exit and stop for hidden states [a, b]. */
function controllerWith(rows: readonly (readonly [a: number, b: number, bias: number])[]): ExitController {
  return controllerOf([1], Float32Array.from(rows.flat()), width + 1, null);
}

function seeing(logits: readonly number[], hidden: readonly number[] = [1, 1]): ExitObservation {
  const asked = () => Promise.resolve(Float32Array.from(logits));
  return { exit: 1, lastExit: 2, hidden: Float32Array.from(hidden), logits: asked };
}

describe('a controller', () => {
  const controller = controllerWith([
    [0, 0, 0],
    [2, 0, 0],
    [0, 2, 0],
  ]);

  test('gives chances that sum to one, whatever the size of the hidden state', () => {
    const small = controller.judge(1, Float32Array.from([1, 0]))!;
    const large = controller.judge(1, Float32Array.from([100, 0]))!;
    for (const one of outcomes) expect(large[one]).toBeCloseTo(small[one], 6);
    expect(small.continue + small.exit + small.stop).toBeCloseTo(1, 6);
    expect(small.exit).toBeGreaterThan(0.8);
    expect(controller.judge(7, Float32Array.from([1, 0]))).toBeUndefined();
  });

  test('leaves, stops and goes on by its thresholds', async () => {
    const policy = byController(controller, 0.8, 0.8);
    expect(await policy.judge(seeing([], [1, 0]))).toBe('exit');
    expect(await policy.judge(seeing([], [0, 1]))).toBe('stop');
    expect(await policy.judge(seeing([], [1, 1]))).toBe('continue');
    expect(await byController(controller, 0.99).judge(seeing([], [0, 1]))).toBe('continue');
    expect([policy.watches(1), policy.watches(2)]).toEqual([true, false]);
  });
});

describe('baselines', () => {
  const sure = [9, 0, 0, 0];
  const torn = [2, 2, 0, 0];

  test('by entropy', async () => {
    expect(await byEntropy(0.1).judge(seeing(sure))).toBe('exit');
    expect(await byEntropy(0.1).judge(seeing(torn))).toBe('continue');
    expect(await byEntropy(Math.log(4)).judge(seeing([1, 1, 1, 1]))).toBe('exit');
  });

  test('by margin', async () => {
    expect(await byMargin(0.9).judge(seeing(sure))).toBe('exit');
    expect(await byMargin(0.1).judge(seeing(torn))).toBe('continue');
  });
});

describe('what can be asked for', () => {
  test('a bundle without a controller says so and runs at full depth', () => {
    const { policy, instead } = policyFor({ rule: 'controller', at: 0.5 }, {});
    expect(policy).toBe(fullDepth);
    expect(instead).toMatch(/no controller.*full depth/);
  });

  test('a model that cannot propagate says so and fills in what was skipped', () => {
    const choice = { rule: 'margin', at: 0.5, skipped: 'propagated' } as const;
    const able = policyFor(choice, { propagates: true });
    expect([able.policy.skipped, able.instead]).toEqual(['propagated', undefined]);
    const unable = policyFor(choice, {});
    expect(unable.policy.skipped).toBeUndefined();
    expect(unable.policy.watches(1)).toBe(true);
    expect(unable.instead).toMatch(/Nothing can be propagated.*filled in/);
    expect(policyFor({ ...choice, rule: 'full' }, {})).toEqual({ policy: fullDepth });
  });

  test('a bundle without exits before full depth says so', () => {
    for (const rule of ['entropy', 'margin', 'controller'] as const) {
      const { policy, instead } = policyFor({ rule, at: 0 }, { exits: [4] });
      expect(policy).toBe(fullDepth);
      expect(instead).toMatch(/no exit before full depth/);
    }
    expect(policyFor({ rule: 'recommended' }, { exits: [4] })).toEqual({ policy: fullDepth });
  });

  test('a cap ends what a policy lets go on, and a layer without an exit is none', async () => {
    const notes: string[] = [];
    const model = { exits: [1, 2, 3], layers: 3 } as unknown as LanguageModel;
    const policyOf = (exit: number, exits?: ExitChoice) =>
      wished({ exit, ...(exits && { exits }) } as WriteRequest, model, (entry) => {
        if (entry.kind === 'note') notes.push(entry.text);
      });
    const capped = policyOf(2, { rule: 'margin', at: 0.9 });
    expect([1, 2, 3].map((exit) => capped.watches(exit))).toEqual([true, true, false]);
    const at = (exit: number, logits: number[]) => capped.judge({ ...seeing(logits), exit });
    expect(await at(1, [2, 2, 0])).toBe('continue');
    expect(await at(1, [20, 2, 0])).toBe('exit');
    expect(await at(2, [2, 2, 0])).toBe('exit');
    const alone = policyOf(1);
    expect([alone.watches(1), alone.watches(2)]).toEqual([true, false]);
    expect(policyOf(3)).toBe(fullDepth);
    expect(notes).toEqual([]);
    expect(policyOf(7)).toBe(fullDepth);
    expect(notes).toEqual(['There is no exit at layer 7 (only 1, 2, 3): the depth is not capped.']);
  });

  test('a bundle that gains nothing by leaving early recommends full depth', () => {
    const controller = controllerWith([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(policyFor({ rule: 'recommended' }, { controller })).toEqual({ policy: fullDepth });
    expect(
      policyFor({ rule: 'recommended' }, { controller: { ...controller, exitAt: 0.4 } }).policy.watches(1),
    ).toBe(true);
    expect(policyFor({ rule: 'controller' }, { controller }).instead).toMatch(/gains nothing/);
  });
});

describe('at the extremes, on the engine', () => {
  const engine = openRandomEngine();

  const prompt = [5, 6, 7, 8, 9, 10, 11, 12];

  async function choices(policy: ExitPolicy): Promise<readonly (readonly [token: number, exit: number])[]> {
    using session = await engine.model.open(prompt, never);
    const chosen: [number, number][] = [];
    let branch = session.root;
    for (let token = prompt.at(-1)!; chosen.length < 8;) {
      const spoken = await step(session, branch, token, policy);
      token = likeliest(spoken.logits);
      chosen.push([token, spoken.exit]);
      ({ branch } = spoken);
    }
    return chosen;
  }

  test.each([
    ['a controller that is never sure enough', () => byController(uncertain(), 1.01)],
    ['no entropy at all', () => byEntropy(-1)],
    ['a margin beyond one', () => byMargin(1.01)],
  ])('%s is full depth', async (_, policy) => {
    expect(await choices(policy())).toEqual(await choices(fullDepth));
  });

  test.each([
    ['a controller that is always sure', () => byController(uncertain(), 0)],
    ['any entropy', () => byEntropy(Infinity)],
    ['no margin', () => byMargin(0)],
  ])('%s leaves at the first exit', async (_, policy) => {
    const exits = (await choices(policy())).map(([, exit]) => exit);
    expect(new Set(exits)).toEqual(new Set([1]));
  });

  test('a controller that always stops says nothing', async () => {
    using session = await engine.model.open(prompt, never);
    const input = [[prompt.at(-1)!, 1]] as const;
    const [forward] = await session.forward(
      [{ after: session.root, input }],
      byController(uncertain(), 2, 0),
    );
    expect(forward).toMatchObject({ kind: 'stopped', exit: 1 });
  });

  /** Finds all outcomes equally likely, at every exit. */
  function uncertain(): ExitController {
    const hidden = hiddenSize();
    return controllerOf([1, 2, 3, 4], new Float32Array(4 * 3 * (hidden + 1)), hidden + 1, null);
  }

  function hiddenSize(): number {
    return 64;
  }
});
