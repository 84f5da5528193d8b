/**
 * A model that reads ahead: with each token it reads those that it guesses will follow, all in one batch, and where a
 * guess is chosen, what the network says after it is known already.
 *
 * Speculative decoding (Leviathan et al. 2023, https://arxiv.org/abs/2211.17192) below the decode loop, which chooses
 * as it always does and never learns of guesses. Rows of a wrong one are given back before anything else is read, so
 * that what the network says is the same, on processors to the last bit.
 */
import type { TokenId } from '../../tokens/vocabulary.js';
import { fullDepth } from '../exit-policies.js';
import type {
  Ahead,
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
import { anyText, Guesses, type Alphabet } from './guesses.js';

/** The model as it is, but that a single draft at full depth is read ahead. */
export function speculating(model: LanguageModel, alphabet: Alphabet = anyText): LanguageModel {
  const { layers, exits, maxTokens, controller, propagates = false, drafter } = model;
  return {
    ...{ layers, exits, maxTokens, controller, propagates, drafter },
    async open(prompt, cancellation) {
      const session = await model.open(prompt, cancellation);
      return session.ahead
        ? new SpeculativeSession(session, session.ahead, prompt, model, alphabet)
        : session;
    },
  };
}

/** What is known of a place that a branch leads to. */
interface Known {
  /** Tokens after all of the prompt but its last. */
  readonly tokens: readonly TokenId[];
  readonly state: Float32Array | undefined;
}

/** A token that was read ahead and has not been chosen yet. */
interface Unchosen {
  readonly after: Branch;
  readonly token: TokenId;
  readonly spoken: Spoken;
}

class SpeculativeSession implements Session {
  private readonly guesses: Guesses;
  private readonly known = new WeakMap<Branch, Known>();
  private readonly room: number;
  /** One after the other, in the rows that were read last. */
  private unchosen: readonly Unchosen[] = [];
  private guessed = 0;
  private held = 0;

  constructor(
    private readonly session: Session,
    private readonly rows: Ahead,
    prompt: readonly TokenId[],
    { maxTokens, drafter }: LanguageModel,
    alphabet: Alphabet,
  ) {
    this.guesses = new Guesses(prompt.slice(0, -1), drafter, alphabet);
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
    const [step] = steps;
    // What leaves early is not what a batch at full depth would say, and several drafts go different ways.
    if (policy !== fullDepth || steps.length > 1 || !step) {
      this.forgetUnchosen();
      return this.session.forward(steps, policy);
    }
    const before = this.readBefore(step);
    if (before) return [before];
    this.forgetUnchosen();
    return this.readOn(step);
  }

  readTree(tree: readonly TreeToken[], depth: ExitPolicy): Promise<readonly Spoken[]> {
    this.forgetUnchosen();
    return this.session.readTree(tree, depth);
  }

  [Symbol.dispose](): void {
    this.forgetUnchosen();
    this.session[Symbol.dispose]();
  }

  /** What was read ahead, if it was this. */
  private readBefore({ after, input }: Step): Spoken | undefined {
    const [next, ...others] = this.unchosen;
    if (next?.after !== after || input.length > 1 || input[0]![0] !== next.token) return undefined;
    this.unchosen = others;
    this.held++;
    return { ...next.spoken, wasGuessed: true };
  }

  private forgetUnchosen(): void {
    const [next] = this.unchosen;
    if (next) this.rows.forget(next.spoken.branch);
    this.unchosen = [];
  }

  private async readOn(step: Step): Promise<readonly Forward[]> {
    const known = this.known.get(step.after);
    if (!known || step.input.length > 1) return this.session.forward([step], fullDepth);
    const token = step.input[0]![0];
    const written = [...known.tokens, token];
    const room = Math.min(this.rows.room, this.room - written.length);
    const guesses = await this.guesses.after({ written, state: known.state }, room);
    this.guessed += guesses.length;
    const chain = [token, ...guesses];
    const tree = chain.map((one, index) => ({ token: one, parent: index === 0 ? step.after : index - 1 }));
    const spoken = await this.session.readTree(tree, fullDepth);
    spoken.forEach(({ branch, hidden }, index) => {
      // A copy: a hidden state holds until the next step.
      const tokens = [...known.tokens, ...chain.slice(0, index + 1)];
      this.known.set(branch, { tokens, state: hidden?.slice() });
    });
    this.unchosen = guesses.map((guess, index) => {
      const said = spoken[index + 1]!;
      return {
        after: spoken[index]!.branch,
        token: guess,
        spoken: { ...said, hidden: said.hidden?.slice() },
      };
    });
    return spoken.slice(0, 1);
  }
}
