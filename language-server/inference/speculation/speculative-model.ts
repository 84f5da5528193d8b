/**
 * A model that reads ahead: with each token it reads those that it guesses will follow, all in one batch, and where a
 * guess is chosen, what the network says after it is known already.
 *
 * Speculative decoding (Leviathan et al. 2023, https://arxiv.org/abs/2211.17192) below the decode loop, which chooses
 * as it always does and never learns of guesses: a wrong one costs time, and no token is another one for it, but where
 * the last bits of a batch, which may differ from those of a single row, decide.
 */
import type { TokenId } from '../../tokens/vocabulary.js';
import { fullDepth } from '../exit-policies.js';
import type {
  Branch,
  ExitPolicy,
  Forward,
  LanguageModel,
  Session,
  Speculated,
  Spoken,
  Step,
  TreeToken,
} from '../model.js';
import { Guesses } from './guesses.js';

/** The model as it is, but that a single draft at full depth is read ahead. */
export function speculating(model: LanguageModel): LanguageModel {
  const { layers, exits, maxTokens, controller, propagates = false, drafter } = model;
  return {
    ...{ layers, exits, maxTokens, controller, propagates, drafter },
    open: async (prompt, cancellation) =>
      new SpeculativeSession(await model.open(prompt, cancellation), prompt, model),
  };
}

/** What is known of a place that a branch leads to. */
interface Known {
  /** Tokens after all of the prompt but its last. */
  readonly tokens: readonly TokenId[];
  readonly state: Float32Array | undefined;
  /** What the network says after one more token, read ahead. */
  ahead?: { readonly token: TokenId; readonly spoken: Spoken };
}

class SpeculativeSession implements Session {
  private readonly guesses: Guesses;
  private readonly known = new WeakMap<Branch, Known>();
  private readonly room: number;
  private guessed = 0;
  private held = 0;

  constructor(
    private readonly session: Session,
    prompt: readonly TokenId[],
    { maxTokens, drafter }: LanguageModel,
  ) {
    this.guesses = new Guesses(prompt.slice(0, -1), drafter);
    this.room = maxTokens - prompt.length;
    this.known.set(session.root, { tokens: [], state: undefined });
  }

  get root(): Branch {
    return this.session.root;
  }

  get reading(): Session['reading'] {
    return this.session.reading;
  }

  get speculated(): Speculated {
    return { guessed: this.guessed, held: this.held };
  }

  async forward(steps: readonly Step[], policy: ExitPolicy): Promise<readonly Forward[]> {
    // What leaves early is not what a batch at full depth would say.
    if (policy !== fullDepth) return this.session.forward(steps, policy);
    const answers = steps.map((step) => this.readBefore(step));
    const open = steps.filter((_, index) => !answers[index]);
    const fresh = [...(await this.readOn(open, steps.length === 1))];
    return answers.map((answer) => answer ?? fresh.shift()!);
  }

  readTree(tree: readonly TreeToken[], depth: ExitPolicy): Promise<readonly Spoken[]> {
    return this.session.readTree(tree, depth);
  }

  [Symbol.dispose](): void {
    this.session[Symbol.dispose]();
  }

  /** What was read ahead, if it was this. */
  private readBefore({ after, input }: Step): Spoken | undefined {
    const ahead = this.known.get(after)?.ahead;
    if (!ahead || input.length !== 1 || input[0]![0] !== ahead.token) return undefined;
    this.held++;
    return { ...ahead.spoken, wasGuessed: true };
  }

  private async readOn(steps: readonly Step[], isAlone: boolean): Promise<readonly Forward[]> {
    const [step] = steps;
    if (!step) return [];
    const known = this.known.get(step.after);
    if (!isAlone || !known || step.input.length !== 1) return this.readPlainly(steps);
    const written = [...known.tokens, step.input[0]![0]];
    const room = this.room - known.tokens.length - 1;
    const guesses = await this.guesses.after({ written, state: known.state }, room);
    if (guesses.length === 0) return this.readPlainly(steps);
    this.guessed += guesses.length;
    const chain = [step.input[0]![0], ...guesses];
    const tree = chain.map((token, index) => ({ token, parent: index === 0 ? step.after : index - 1 }));
    const spoken = await this.session.readTree(tree, fullDepth);
    spoken.forEach((one, index) => {
      this.learn(one, [...known.tokens, ...chain.slice(0, index + 1)]);
      const before = index === 0 ? undefined : this.known.get(spoken[index - 1]!.branch);
      if (before) before.ahead = { token: chain[index]!, spoken: { ...one, hidden: one.hidden?.slice() } };
    });
    return spoken.slice(0, 1);
  }

  private async readPlainly(steps: readonly Step[]): Promise<readonly Forward[]> {
    const answers = await this.session.forward(steps, fullDepth);
    answers.forEach((answer, index) => {
      const { after, input } = steps[index]!;
      const before = this.known.get(after);
      if (before && input.length === 1 && answer.kind === 'logits')
        this.learn(answer, [...before.tokens, input[0]![0]]);
    });
    return answers;
  }

  private learn({ branch, hidden }: Spoken, tokens: readonly TokenId[]): void {
    // A copy: a hidden state holds until the next step.
    this.known.set(branch, { tokens, state: hidden?.slice() });
  }
}
