/** What tells, after each token of a draft, how likely it is that the text so far is what the author would write. */
import type { Draft, DraftToken } from '../draft.js';

/**
 * What was seen when a token was chosen. Probabilities are those of the unconstrained model, given that the text goes on
 * where it has to (see `within-line.ts`).
 */
export interface Glance {
  /** Nats. */
  readonly entropy: number;
  /** By how much the likeliest token leads. */
  readonly margin: number;
  /** Probability that the text is over; zero where it has to go on. */
  readonly endOfText: number;
  /** Chances that a controller gave at the depth that spoke; zero without one. */
  readonly stop: number;
  readonly exit: number;
}

/** The place of the cursor, as far as it matters for all tokens of a draft. */
export interface Surroundings {
  readonly kind: 'code' | 'comment' | 'string' | 'template';
  /** Whether nothing but blanks stands before the cursor on its line. */
  readonly atLineStart: boolean;
  /** Whether a word stands somewhere before the cursor. */
  readonly isKnown: (word: string) => boolean;
}

/** A stop model names the features that it was fitted on, and is used with exactly these. */
export const featureNames = [
  'log probability of all tokens',
  'log probability of the least likely token',
  'log probability of the last token',
  'mean log probability',
  'logarithm of the number of tokens',
  'entropy of the last choice',
  'mean entropy',
  'margin of the last choice',
  'least margin',
  'probability of the end of text',
  'probability that constraints removed',
  'chance of the controller that no depth is right',
  'largest such chance',
  'chance of the controller that the choice is right',
  'words that stand nowhere before',
  'member access',
  'string or template',
  'comment',
  'line start',
  'lines',
] as const;

/**
 * The features after the last of `glances`, which belong to the draft's last tokens; `written` is the draft's text
 * beyond the healed one.
 */
export function featuresOf(
  draft: Pick<Draft, 'tokens' | 'removed'>,
  glances: readonly Glance[],
  written: string,
  surroundings: Surroundings,
): readonly number[] {
  const tokens: readonly DraftToken[] = draft.tokens.slice(-glances.length);
  const logs = tokens.map(({ logProb }) => logProb);
  const last = glances.at(-1)!;
  const sum = total(logs);
  const count = tokens.length;
  return [
    sum,
    Math.min(...logs),
    logs.at(-1)!,
    sum / count,
    Math.log(count),
    last.entropy,
    total(glances.map(({ entropy }) => entropy)) / count,
    last.margin,
    Math.min(...glances.map(({ margin }) => margin)),
    last.endOfText,
    draft.removed,
    last.stop,
    Math.max(...glances.map(({ stop }) => stop)),
    last.exit,
    strangers(written, surroundings),
    /\.\s*\w*$/.test(written) ? 1 : 0,
    surroundings.kind === 'string' || surroundings.kind === 'template' ? 1 : 0,
    surroundings.kind === 'comment' ? 1 : 0,
    surroundings.atLineStart ? 1 : 0,
    written.split('\n').length - 1,
  ];
}

/** The first word may be the end of one that the cursor stands in, the last one may not be whole. */
function strangers(written: string, { isKnown }: Surroundings): number {
  const words = written.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
  return words.slice(/^[\p{L}\p{N}_$]/u.test(written) ? 1 : 0).filter((word) => !isKnown(word)).length;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
