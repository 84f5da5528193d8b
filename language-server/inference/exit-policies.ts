/** Exit policies: how deep the network is asked to think. */
import { surenessOf } from '../tokens/log-probabilities.js';
import type { ExitController } from './exit-controller.js';
import type { ExitObservation, ExitPolicy, LanguageModel } from './model.js';

/** The whole network, always. The reference that others are measured against. */
export const fullDepth: ExitPolicy = { watches: () => false, judge: () => 'continue' };

/** Speaks at `exit` whatever it says there: a depth cap, and the way to look at one exit's quality. */
export function cappedAt(exit: number): ExitPolicy {
  return { watches: (at) => at === exit, judge: () => 'exit' };
}

/** No deeper than `exit`, and before it as `policy` judges. */
export function noDeeperThan(exit: number, policy: ExitPolicy): ExitPolicy {
  return {
    ...policy,
    watches: (at) => at === exit || (at < exit && policy.watches(at)),
    async judge(observation) {
      const verdict = policy.watches(observation.exit) ? await policy.judge(observation) : 'continue';
      return verdict === 'continue' && observation.exit === exit ? 'exit' : verdict;
    },
  };
}

/** What a request can ask for, as plain data. */
export interface ExitChoice {
  /**
   * `recommended`: as the bundle says, which may be full depth. `controller`: leaves where its chance that this exit is right is at least `at`, and stops where its chance that
   * no depth is right is at least `stopAt`. `entropy`: leaves where the entropy is at most `at` nats.
   * `margin`: leaves where the two likeliest tokens are at least `at` apart in probability.
   */
  readonly rule: 'full' | 'recommended' | 'controller' | 'entropy' | 'margin';
  /** For `controller`, left out: as the bundle recommends. */
  readonly at?: number;
  /** Left out: the controller never stops. */
  readonly stopAt?: number;
  /** What becomes of the layers that tokens skip (see `ExitPolicy`); left out: they are filled in exactly. */
  readonly skipped?: 'propagated';
}

/** What of a model decides on what can be done. */
type Abilities = Pick<LanguageModel, 'controller' | 'propagates'> & Partial<Pick<LanguageModel, 'exits'>>;

/** The policy that was asked for; or, where the bundle cannot do it, what comes nearest and the reason in words. */
export function policyFor(
  choice: ExitChoice,
  { controller, propagates, exits }: Abilities,
): { readonly policy: ExitPolicy; readonly instead?: string } {
  if (exits?.length === 1 && choice.rule !== 'recommended' && choice.rule !== 'full') {
    const instead = 'The bundle has no exit before full depth: every token runs at full depth.';
    return { policy: fullDepth, instead };
  }
  const chosen = depthPolicy(choice, controller);
  const { policy } = chosen;
  if (choice.skipped === undefined || policy === fullDepth) return chosen;
  if (propagates === true) return { ...chosen, policy: { ...policy, skipped: choice.skipped } };
  const instead = 'Nothing can be propagated with this bundle on this device: skipped layers are filled in.';
  return { policy, instead };
}

function depthPolicy(
  choice: ExitChoice,
  controller: ExitController | undefined,
): ReturnType<typeof policyFor> {
  switch (choice.rule) {
    case 'full':
      return { policy: fullDepth };
    case 'recommended': {
      const at = controller?.exitAt ?? undefined;
      return {
        policy: controller && at !== undefined ? byController(controller, at) : fullDepth,
      };
    }
    case 'entropy':
      return { policy: byEntropy(choice.at ?? 0) };
    case 'margin':
      return { policy: byMargin(choice.at ?? 1) };
    case 'controller': {
      if (!controller) {
        return {
          policy: fullDepth,
          instead: 'The bundle has no controller: every token runs at full depth.',
        };
      }
      const exitAt = choice.at ?? controller.exitAt ?? undefined;
      if (exitAt === undefined && choice.stopAt === undefined) {
        const instead = 'Leaving early gains nothing with this bundle: every token runs at full depth.';
        return { policy: fullDepth, instead };
      }
      return { policy: byController(controller, exitAt ?? Infinity, choice.stopAt) };
    }
  }
}

/** Leaves at the first exit whose chance of being right is at least `exitAt`; stops likewise. */
export function byController(controller: ExitController, exitAt: number, stopAt = Infinity): ExitPolicy {
  return {
    watches: (exit) => controller.exits.includes(exit),
    judge({ exit, hidden }) {
      const chances = controller.judge(exit, hidden);
      if (!chances) return 'continue';
      if (stopAt <= chances.stop) return 'stop';
      return exitAt <= chances.exit ? 'exit' : 'continue';
    },
  };
}

/** Leaves where the distribution has at most so many nats of entropy (Schuster et al., CALM, 2022). */
export function byEntropy(most: number): ExitPolicy {
  return watching(async ({ logits }) => surenessOf(await logits()).entropy <= most);
}

/** Leaves where the two likeliest tokens are at least so far apart in probability (CALM's softmax response). */
export function byMargin(least: number): ExitPolicy {
  return watching(async ({ logits }) => least <= surenessOf(await logits()).margin);
}

function watching(isSure: (observation: ExitObservation) => Promise<boolean>): ExitPolicy {
  return {
    watches: () => true,
    judge: async (observation) => ((await isSure(observation)) ? 'exit' : 'continue'),
  };
}
