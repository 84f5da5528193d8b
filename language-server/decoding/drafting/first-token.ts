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
    const choices = await Promise.all(
      drafts.map(async (draft, stream) => {
        const forward = heard.get(draft);
        if (!forward) return [draft];
        if (forward.kind === 'stopped') return [uncertain(draft)];
        return grow(draft, forward, isAtBranch(draft, decoding) ? decoding.width : 1, stream, decoding);
      }),
    );
    if (drafts.length === 1) return choices[0]!;
    const others = [...drafts];
    return drafts.flatMap((draft, index) => {
      if (heard.get(draft)?.kind !== 'logits' || !isAtBranch(draft, decoding)) return choices[index]!;
      const other = unlike(others, draft, choices[index]!);
      others.push(other);
      return [other];
    });
  },
};

function isAtBranch(draft: Draft, decoding: Decoding): boolean {
  return isUnbegun(draft, decoding) || draft.tokens.length === decoding.from?.tokens.length;
}

/** The first of the choices after `parent` that none of the others has made there; else the parent, ended. */
function unlike(others: readonly Draft[], parent: Draft, choices: readonly Draft[]): Draft {
  const { length } = parent.tokens;
  const made = new Set(others.flatMap(({ tokens }) => tokens[length]?.token ?? []));
  const other = choices.find(({ tokens }) => !made.has(tokens[length]?.token ?? -1));
  return other ?? { ...parent, ending: 'dead-end' };
}
