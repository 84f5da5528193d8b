/** Drafts: the continuations being written side by side. */
import type { Constraint } from '../constraints/constraint.js';
import type { Branch } from '../inference/model.js';
import type { Glance } from './doubt/features.js';
import type { Ways } from './closing/ways.js';
import type { TokenId } from '../tokens/vocabulary.js';

/** One continuation and what it may still become. Immutable; growing it makes another. */
export interface Draft {
  readonly tokens: readonly DraftToken[];
  /** Whole code points written so far. */
  readonly text: string;
  /** Bytes of a code point that is not whole yet. */
  readonly heldBack: Uint8Array;
  /**
   * Sum of natural logarithms under the unconstrained model, given that the text goes on where it has to (see
   * `within-line.ts`); in part estimated beyond a trunk.
   */
  readonly logProb: number;
  /** Natural logarithm of the draft's weight where it shares rows with others; only differences count. */
  readonly weight: number;
  /** Where the draft may have begun to share rows, up to which it is exact; only of drafts that follow another. */
  readonly trunk?: Trunk;
  /** Probability that constraints took from the choices beyond the healed text, summed over the tokens. */
  readonly removed: number;
  readonly constraint: Constraint;
  readonly branch: Branch;
  /** What was seen at each token beyond the healed text; only where doubt looks. */
  readonly glances?: readonly Glance[];
  readonly ending?: Ending;
  /** Tokens written and taken back so far (see `aligned/backing-up.ts`). */
  readonly takenBack: number;
  /** The model's probability of ending the text or the line here; undefined until it has been asked what follows. */
  readonly wish?: number | undefined;
  /**
   * Natural logarithm of how likely the model goes on from here, where it has to; undefined until it has been asked what
   * follows.
   */
  readonly goingOn?: number | undefined;
  /** How it could end soon from here (see `closing/`); undefined until the model has been asked what follows. */
  readonly ways?: Ways | undefined;
  /** What had been written and why it ended, where nothing of it, or just some beginning, may stand. */
  readonly lost?: Draft;
  /** Log-probability of what follows the cursor after the whole draft; only of drafts that were rescored. */
  readonly following?: number;
  /** After how many tokens it parted from the others; undefined while it has not (see `drafting/first-token.ts`). */
  readonly parted?: number;
  /** The draft one token shorter; undefined for the empty one. */
  readonly previous?: Draft;
}

/** Whether a draft has come to its end, and was not cut short. */
export function isWhole({ ending }: Pick<Draft, 'ending'>): boolean {
  return ending !== undefined && !['dead-end', 'length', 'time', 'uncertain'].includes(ending);
}

/** Whether its log-probability is in part an estimate: it shared rows, and was not read again (`drafting/read-again.ts`). */
export function isEstimated({ tokens, trunk }: Pick<Draft, 'tokens' | 'trunk'>): boolean {
  return trunk !== undefined && trunk.tokens < tokens.length;
}

/** The last exact point of a draft that may share rows with others. */
export interface Trunk {
  /** The branch that spoke the last exact token. */
  readonly branch: Branch;
  /** How many tokens are exact. */
  readonly tokens: number;
}

export interface DraftToken {
  readonly token: TokenId;
  readonly text: string;
  /** Natural logarithm under the unconstrained model. */
  readonly logProb: number;
  /** The layer that spoke. */
  readonly exit: number;
  /** The chance that the text up to here is what the author would write; only where it was looked at. */
  readonly sure?: number;
  /** What that chance is judged by (doubt/features.ts); only where it was asked for. */
  readonly features?: readonly number[];
}

/**
 * Why a draft is finished. `end-of-text`: the model said so. `line`, `statement`, `block`: what was asked for is
 * complete. `suffix`: it began to repeat the text after the cursor. `repetition`: it began to repeat itself.
 * `length`, `time`: a budget ran out. `dead-end`: no allowed token was left.
 * `uncertain`: it was too unsure what the author would write, or the exit policy saw no point in going on.
 * `joins`: it had gone on, but the text after the cursor follows better from here.
 */
export type Ending =
  | 'end-of-text'
  | 'line'
  | 'statement'
  | 'block'
  | 'suffix'
  | 'repetition'
  | 'length'
  | 'time'
  | 'dead-end'
  | 'uncertain'
  | 'joins';

/**
 * Weight of what follows the cursor, in logarithms. By Bayes' rule it is 1; a little more did better on validation
 * packages (docs/model.md).
 */
const FOLLOWING_WEIGHT = 1.5;

/** How likely the whole is: the draft and, where it was rescored, what follows the cursor after it. */
export function likelihoodOf({ logProb, following = 0 }: Pick<Draft, 'logProb' | 'following'>): number {
  return logProb + FOLLOWING_WEIGHT * following;
}
