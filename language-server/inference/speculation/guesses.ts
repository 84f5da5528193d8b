/**
 * Which tokens are worth reading ahead: a chain of guesses, as long as it is likely enough that all of it will be chosen.
 * A token that stands in a text before the cursor is looked up; any other is what the bundle's drafter would write.
 */
import type { TokenId } from '../../tokens/vocabulary.js';
import type { Drafter } from '../model.js';
import { PromptLookup, type Guess } from './prompt-lookup.js';

/** What is known where guessing begins. */
export interface Known {
  /** Tokens after the prompt; the last one is what the network reads next. */
  readonly written: readonly TokenId[];
  /** The hidden state [width] that spoke it; undefined where the network has not spoken yet. */
  readonly state: Float32Array | undefined;
}

/** What is known of tokens. */
export interface Alphabet {
  /** Whether it stands for text: markup between two texts does not part them for who looks up what followed. */
  readonly isText: (token: TokenId) => boolean;
  /** Whether a draft goes on after it: what ends one is never read. */
  readonly goesOn: (token: TokenId) => boolean;
}

/** Where nothing is known of tokens. */
export const anyText: Alphabet = { isText: () => true, goesOn: () => true };

/** The network reads two tokens in little more time than one, and a guess that holds saves a run: see docs/speculation.md. */
const LEAST_CHANCE = 0.3;
const MOST_GUESSES = 4;
/** From this chance on what was looked up stands, and the drafter is not asked. */
const SURE = 0.5;
/** Asking the drafter costs some hundredths of a run: of a chain less likely than this, it is not asked for more. */
const WORTH_ASKING = 0.45;

export class Guesses {
  private readonly lookup: PromptLookup;

  constructor(
    prompt: readonly TokenId[],
    private readonly drafter: Drafter | undefined,
    private readonly alphabet: Alphabet = anyText,
  ) {
    this.lookup = new PromptLookup(prompt.filter(alphabet.isText));
  }

  /** At most `room` tokens that may follow. */
  async after({ written, state }: Known, room: number): Promise<readonly TokenId[]> {
    const chain: TokenId[] = [];
    const text = written.filter(this.alphabet.isText);
    let chance = 1;
    let drafted: Drafted = { state, unread: written.slice(-1) };
    while (chain.length < Math.min(room, MOST_GUESSES)) {
      let best = this.lookup.after([...text, ...chain]);
      if (WORTH_ASKING <= chance && (!best || best.chance < SURE)) {
        const [guess, next] = await this.draft(drafted);
        drafted = next;
        if (guess && (!best || best.chance < guess.chance)) best = guess;
      }
      if (!best) break;
      chance *= best.chance;
      if (chance < LEAST_CHANCE || !this.alphabet.goesOn(best.token)) break;
      chain.push(best.token);
      drafted = { ...drafted, unread: [...drafted.unread, best.token] };
    }
    return chain;
  }

  /** What the drafter would write after the tokens that it has not read yet. */
  private async draft({ state, unread }: Drafted): Promise<readonly [Guess | undefined, Drafted]> {
    if (!this.drafter || !state) return [undefined, { state, unread }];
    let at = state;
    let guess: Guess | undefined;
    for (const token of unread) ({ state: at, guess } = await this.drafter.next(at, token));
    return [guess, { state: at, unread: [] }];
  }
}

interface Drafted {
  readonly state: Float32Array | undefined;
  readonly unread: readonly TokenId[];
}
