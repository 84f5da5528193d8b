/**
 * Branches at the first uncertain tokens: one greedy draft, which forks where another token is nearly as likely, until
 * there are as many as wanted. All are written on in one batch over the shared prompt.
 */
import type { Draft } from '../draft.js';
import { grow } from '../grow.js';
import { apart, lastLogProbs, settled, uncertain, type Drafting } from './drafting.js';

/** A token other than the first choice is a fork from this probability on: chosen on validation packages (docs/drafts.md). */
const FORK_PROBABILITY = 0.04;

export const branches: Drafting = {
  rows: apart,
  settle: settled,
  async grow(drafts, heard, decoding) {
    const room = decoding.width - drafts.length;
    const families = await Promise.all(
      drafts.map(async (draft, stream): Promise<Family> => {
        const forward = heard.get(draft);
        if (!forward) return { first: draft, forks: [] };
        if (forward.kind === 'stopped') return { first: uncertain(draft), forks: [] };
        const [first, ...others] = await grow(draft, forward, room + 1, stream, decoding);
        const logProbOf = lastLogProbs(draft, forward, decoding);
        const forks = others.map((child) => ({ child, logProb: draft.logProb + logProbOf(child) }));
        return {
          first: first!,
          forks: forks.filter(({ logProb }) => FORK_PROBABILITY <= Math.exp(logProb - draft.logProb)),
        };
      }),
    );
    // The likeliest as a whole come first where there is not room for all.
    const best = families.flatMap(({ forks }) => forks).sort((a, b) => b.logProb - a.logProb);
    const kept = new Set(best.slice(0, Math.max(0, room)));
    return families.flatMap(({ first, forks }) => [
      first,
      ...forks.filter((fork) => kept.has(fork)).map(({ child }) => child),
    ]);
  },
};

/** What becomes of one draft: its first choice, and others that are likely enough. */
interface Family {
  readonly first: Draft;
  readonly forks: readonly { readonly child: Draft; readonly logProb: number }[];
}
