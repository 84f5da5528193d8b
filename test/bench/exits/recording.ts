/** A model that notes what every exit would say while it runs at full depth: nothing that it answers is changed by that. */
import { fullDepth, type ExitChoice } from '../../../language-server/inference/exit-policies.js';
import type {
  ExitObservation,
  ExitPolicy,
  LanguageModel,
  Session,
  Spoken,
} from '../../../language-server/inference/model.js';
import { surenessOf } from '../../../language-server/tokens/log-probabilities.js';
import type { TokenId } from '../../../language-server/tokens/vocabulary.js';
import { topTokens } from '../../../language-server/tokens/top-tokens.js';

/** What one exit would say. */
export interface ExitSeen {
  readonly exit: number;
  readonly choice: TokenId;
  /** Nats. */
  readonly entropy: number;
  readonly margin: number;
  /** The controller's chance that this exit is right; 0 without one. */
  readonly leave: number;
}

/** Full depth by a policy that could leave, and so is noted: no margin is that large. */
export const never: ExitChoice = { rule: 'margin', at: 2 };

/** One run of the network for one draft. */
export interface StepSeen {
  /** The token that went in. */
  readonly input: TokenId;
  /** Where it spoke. */
  readonly exit: number;
  /** All exits, ascending; empty where only the depth was noted. */
  readonly exits: readonly ExitSeen[];
}

export class Recorder {
  steps: StepSeen[] = [];
  /** Whether all exits are looked at, which costs a run of the head for each. */
  looks = false;

  /** What `work` makes the model do. */
  async during<T>(looks: boolean, work: () => Promise<T>): Promise<readonly [T, readonly StepSeen[]]> {
    this.steps = [];
    this.looks = looks;
    const result = await work();
    return [result, this.steps];
  }
}

/** Notes in `recorder` the runs for a single draft by any policy but full depth itself. */
export function recording(model: LanguageModel, recorder: Recorder): LanguageModel {
  const { layers, exits, maxTokens, controller, propagates = false, drafter } = model;
  return {
    ...{ layers, exits, maxTokens, controller, propagates, drafter },
    open: async (prompt, cancellation) => recorded(await model.open(prompt, cancellation), model, recorder),
  };
}

function recorded(session: Session, { controller }: LanguageModel, recorder: Recorder): Session {
  const see = (
    { exit, hidden }: Pick<ExitObservation, 'exit' | 'hidden'>,
    logits: Float32Array,
  ): ExitSeen => {
    const { entropy, margin } = surenessOf(logits);
    const [choice] = topTokens(logits, 1);
    return { exit, choice: choice!, entropy, margin, leave: controller?.judge(exit, hidden)?.exit ?? 0 };
  };
  return {
    root: session.root,
    reading: session.reading,
    ...(session.ahead && { ahead: session.ahead }),
    readTree: (tree, depth) => session.readTree(tree, depth),
    async forward(steps, policy) {
      // Closing what does not join runs as deep as it may, whatever the policy of the draft: that is not decoding.
      if (policy === fullDepth) return session.forward(steps, policy);
      const seen: ExitSeen[] = [];
      const looking: ExitPolicy = {
        watches: () => true,
        async judge(observation) {
          seen.push(see(observation, await observation.logits()));
          return 'continue' as const;
        },
      };
      const answers = await session.forward(steps, recorder.looks ? looking : policy);
      const [{ exit }, { input }] = [answers[0]!, steps[0]!];
      if (recorder.looks) {
        const last = answers[0] as Spoken;
        seen.push(see({ exit, hidden: last.hidden! }, last.logits));
      }
      recorder.steps.push({ input: input[0]![0], exit, exits: seen });
      return answers;
    },
    [Symbol.dispose]: () => {
      session[Symbol.dispose]();
    },
  };
}
