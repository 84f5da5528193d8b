/**
 * Doubt: after each token, how likely it is that the text so far is what the author would write, and whether that is
 * too little to go on.
 *
 * A text can only become wrong by growing, never right again: once the chance has fallen below what is asked for,
 * every further token is wasted.
 */
import type { ExitController } from '../../inference/exit-controller.js';
import type { Spoken } from '../../inference/model.js';
import { normaliserOf, surenessOf } from '../../tokens/log-probabilities.js';
import type { Vocabulary } from '../../tokens/vocabulary.js';
import type { Draft } from '../draft.js';
import { featuresOf, type Glance, type Surroundings } from './features.js';
import { chanceOf, logOdds, type Logistic } from './logistic.js';

export interface Doubt {
  /** `child`, which grew from `parent` by what was `spoken`, with the chance of its text; ended where that is too little. */
  weigh(child: Draft, parent: Draft, spoken: Spoken): Draft;
  /** Whether so much of a draft may be shown. */
  isSure(draft: Draft): boolean;
}

/** Never doubts, and never looks. */
export const noDoubt: Doubt = { weigh: (child) => child, isSure: () => true };

/** How a stop model is used: plain data, part of a request. */
export interface StopWish {
  /** The least chance with which a text is shown or gone on with; 0 only looks. */
  readonly least: number;
  /** What was learnt on this machine: the logarithm of the odds becomes `slope` times itself plus `shift`. */
  readonly local?: { readonly slope: number; readonly shift: number };
  /** Whether tokens carry their features, for fitting a model. */
  readonly features?: boolean;
}

export interface DoubtParts {
  /** Undefined only while one is being fitted. */
  readonly model: Logistic | undefined;
  readonly controller: ExitController | undefined;
  readonly vocabulary: Vocabulary;
  readonly surroundings: Surroundings;
  /** Characters of a draft that stood before the cursor already. */
  readonly healed: number;
}

export function doubtBy(
  wish: StopWish,
  { model, controller, vocabulary, surroundings, healed }: DoubtParts,
): Doubt {
  const { slope = 1, shift = 0 } = wish.local ?? {};
  return {
    weigh(child, parent, spoken) {
      // Ended at once, taken back, or still spelling what stands before the cursor.
      if (child.tokens.length <= parent.tokens.length || child.text.length <= healed) return child;
      const glances = [...(parent.glances ?? []), glance(spoken, controller, vocabulary)];
      const features = featuresOf(child, glances, child.text.slice(healed), surroundings);
      const odds = model && slope * logOdds(model, features) + shift;
      const sure = odds === undefined ? undefined : chanceOf(odds);
      const token = {
        ...child.tokens.at(-1)!,
        ...(sure !== undefined && { sure }),
        ...(wish.features === true && { features }),
      };
      const isUnsure = child.ending === undefined && sure !== undefined && sure < wish.least;
      return {
        ...child,
        glances,
        tokens: [...child.tokens.slice(0, -1), token],
        ...(isUnsure && { ending: 'uncertain' }),
      };
    },
    isSure: ({ tokens }) => {
      const sure = tokens.at(-1)?.sure;
      return sure === undefined || wish.least <= sure;
    },
  };
}

function glance(
  { logits, hidden, exit }: Spoken,
  controller: ExitController | undefined,
  { endOfText }: Vocabulary,
): Glance {
  const { entropy, margin } = surenessOf(logits);
  const normaliser = normaliserOf(logits);
  let over = 0;
  for (const token of endOfText) over += Math.exp(logits[token]! - normaliser);
  const chances = hidden && controller?.judge(exit, hidden);
  return { entropy, margin, endOfText: over, stop: chances?.stop ?? 0, exit: chances?.exit ?? 0 };
}
