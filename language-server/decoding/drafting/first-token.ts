/** Branches at the first token, or the first after a given beginning: its likeliest choices, each written on greedily in one batch over the shared prompt. */
import { grow } from '../grow.js';
import type { Decoding } from '../decode.js';
import type { Draft } from '../draft.js';
import { apart, isUnbegun, settled, uncertain, type Drafting } from './drafting.js';

export const firstToken: Drafting = {
  rows: apart,
  settle: settled,
  async grow(drafts, heard, decoding) {
    const grown = await Promise.all(
      drafts.map(async (draft, stream) => {
        const forward = heard.get(draft);
        if (!forward) return [draft];
        if (forward.kind === 'stopped') return [uncertain(draft)];
        return grow(draft, forward, isAtBranch(draft, decoding) ? decoding.width : 1, stream, decoding);
      }),
    );
    return grown.flat();
  },
};

function isAtBranch(draft: Draft, decoding: Decoding): boolean {
  return isUnbegun(draft, decoding) || draft.tokens.length === decoding.from?.tokens.length;
}
