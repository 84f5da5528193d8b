/**
 * Branches at the first token, or the first after a given beginning: its likeliest choices, each written on greedily in
 * one batch over the shared prompt. One that has come back to where they parted takes what none of the others began with.
 */
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
        if (!isAtBranch(draft, decoding)) return grow(draft, forward, 1, stream, decoding);
        const grown = await grow(draft, forward, decoding.width, stream, decoding);
        return drafts.length === 1 ? grown : unlike(drafts, draft, grown);
      }),
    );
    return grown.flat();
  },
};

function isAtBranch(draft: Draft, decoding: Decoding): boolean {
  return isUnbegun(draft, decoding) || draft.tokens.length === decoding.from?.tokens.length;
}

/** The first of the choices after `parent` that none of the drafts has made there; else the first, ended. */
function unlike(
  drafts: readonly Draft[],
  { tokens: { length } }: Draft,
  grown: readonly Draft[],
): readonly Draft[] {
  const made = new Set(drafts.flatMap(({ tokens }) => tokens[length]?.token ?? []));
  const other = grown.find(({ tokens }) => !made.has(tokens[length]?.token ?? -1));
  return [other ?? { ...grown[0]!, ending: 'dead-end' }];
}
