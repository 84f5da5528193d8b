/** Ways of writing several drafts side by side, told apart here so that the decode loop need not know them. */
import type { Forward, Session, Spoken, TokenMixture } from '../../inference/model.js';
import { logSumExp, normaliserOf } from '../../tokens/log-probabilities.js';
import type { TokenId } from '../../tokens/vocabulary.js';
import type { Decoding } from '../decode.js';
import type { Draft } from '../draft.js';
import { isBeyond } from '../grow.js';
import { logGoingOn } from '../within-line.js';

/** What the network said after each open draft. */
export type Heard = ReadonlyMap<Draft, Forward>;

/** One way. Values without state: what a draft needs to remember is in the draft. */
export interface Drafting {
  /** Open drafts by rows of the network's next run: drafts that share a row go in as a mixture of their last tokens. */
  readonly rows: (open: readonly Draft[]) => readonly (readonly Draft[])[];
  /** The drafts after a run: the ended ones as they were, the others one token longer, forked, or gone. */
  readonly grow: (drafts: readonly Draft[], heard: Heard, decoding: Decoding) => Promise<readonly Draft[]>;
  /** Runs after each growth: reads again what has drifted too far from what one draft alone would hear. */
  readonly settle: (
    drafts: readonly Draft[],
    session: Session,
    decoding: Decoding,
  ) => Promise<readonly Draft[]>;
}

/** Each draft in a row of its own: exact, and the batch is as wide as there are drafts. */
export const apart: Drafting['rows'] = (open) => open.map((draft) => [draft]);

/** Nothing drifts. */
export const settled: Drafting['settle'] = (drafts) => Promise.resolve(drafts);

/** Whether a draft has not said anything beyond the healed text: the place where drafts may part ways at the earliest. */
export function isUnbegun(draft: Draft, decoding: Decoding): boolean {
  return !isBeyond(draft, decoding);
}

/** Ends a draft at which the exit policy saw no point in going on. */
export function uncertain(draft: Draft): Draft {
  return { ...draft, ending: 'uncertain' };
}

/**
 * Log-probabilities of what children say beyond their parent; the end of the text is no token of a draft. Where drafts
 * have to go on, they are those of going on as well: what a model says that would rather end is no other draft.
 */
export function lastLogProbs(parent: Draft, spoken: Spoken, decoding: Decoding): (child: Draft) => number {
  let going: number | undefined;
  return (child) => {
    if (parent.tokens.length < child.tokens.length) {
      going ??= logGoingOn(spoken, decoding);
      return child.logProb - parent.logProb + going;
    }
    const ends = [...decoding.vocabulary.endOfText].map((token) => spoken.logits[token]!);
    return logSumExp(Float32Array.from(ends)) - normaliserOf(spoken.logits);
  };
}

/**
 * The last tokens of drafts as one mixture, by their weights; equal tokens are one.
 * `start` stands for the last token of a draft that has none.
 */
export function mixtureOf(drafts: readonly Draft[], start: TokenId): TokenMixture {
  const highest = Math.max(...drafts.map((draft) => draft.weight));
  const weights = new Map<TokenId, number>();
  let sum = 0;
  for (const { tokens, weight } of drafts) {
    const token = tokens.at(-1)?.token ?? start;
    const share = Math.exp(weight - highest);
    weights.set(token, (weights.get(token) ?? 0) + share);
    sum += share;
  }
  return [...weights].map(([token, weight]) => [token, weight / sum] as const);
}
