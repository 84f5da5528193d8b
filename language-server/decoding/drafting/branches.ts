/**
 * Branches at the first uncertain tokens: one greedy draft, which forks where another token is nearly as likely, until
 * there are as many as wanted. All are written on in one batch over the shared prompt.
 */
import type { Draft } from '../draft.js';
import { grow } from '../grow.js';
import { apart, settled, uncertain, type Drafting } from './drafting.js';

/** A token other than the first choice is a fork from this probability on. */
const FORK_PROBABILITY = 0.1;

export const branches: Drafting = {
  rows: apart,
  settle: settled,
  async grow(drafts, heard, decoding) {
    const room = decoding.width - drafts.length;
    const families = await Promise.all(
      drafts.map(async (draft, stream) => {
        const forward = heard.get(draft);
        if (!forward) return [draft];
        if (forward.kind === 'stopped') return [uncertain(draft)];
        return grow(draft, forward, room + 1, stream, decoding);
      }),
    );
    const forks = new Set(likeliestForks(drafts, families).slice(0, Math.max(0, room)));
    return families.flatMap(([first, ...others]) => [first!, ...others.filter((child) => forks.has(child))]);
  },
};

/** Children that are not the first of their family and likely enough, the likeliest as a whole first. */
function likeliestForks(drafts: readonly Draft[], families: readonly (readonly Draft[])[]): readonly Draft[] {
  return families
    .flatMap((family, index) =>
      family.slice(1).filter((child) => FORK_PROBABILITY <= Math.exp(child.logProb - drafts[index]!.logProb)),
    )
    .sort((a, b) => b.logProb - a.logProb);
}
