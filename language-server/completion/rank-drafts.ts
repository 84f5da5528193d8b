/** In which order several drafts are offered: whole before cut off, sound before broken, then the likelier ones. */
import type { Written } from '../decoding/write-request.js';
import { likelihoodOf, type Ending } from '../decoding/draft.js';

/**
 * How much of the length counts against a draft: 0 ranks by probability alone, which favours the shortest, and 1 by the
 * mean of its tokens. The value and the form are those of Wu et al. 2016 (https://arxiv.org/abs/1609.08144, eq. 14).
 */
const LENGTH_EXPONENT = 0.6;

/** Endings of drafts that would have gone on. */
const CUT_OFF: ReadonlySet<Ending> = new Set(['length', 'time', 'repetition', 'dead-end', 'uncertain']);

/** The drafts, best first; equal ones stay in their order. */
export function ranked(drafts: readonly Written[]): readonly Written[] {
  return [...drafts].sort((a, b) => faultsOf(a) - faultsOf(b) || likelihood(b) - likelihood(a));
}

function faultsOf({ ending, broken }: Written): number {
  return (broken ? 2 : 0) + (CUT_OFF.has(ending) ? 1 : 0);
}

/**
 * The log-probability under the unconstrained model: with what follows the cursor where that is known, which short texts
 * have no advantage by that is not theirs; else with that advantage taken off.
 */
function likelihood({ logProb, following, tokens }: Written): number {
  if (following !== undefined) return likelihoodOf({ logProb, following });
  return logProb / ((5 + tokens.length) / 6) ** LENGTH_EXPONENT;
}
