/**
 * Branches at the first token that leaves a choice: its likeliest ones, each written on greedily in one batch over the
 * shared prompt. One that has come back to where they parted takes what none of the others began with.
 */
import { grow } from '../grow.js';
import type { Decoding } from '../decode.js';
import type { Draft } from '../draft.js';
import { apart, isUnbegun, settled, uncertain, type Drafting } from './drafting.js';

/** Tokens tried for further choices where there has been only one: spared where a name leaves one way through it. */
const MORE_TRIES = 16;

export const firstToken: Drafting = {
  rows: apart,
  settle: settled,
  async grow(drafts, heard, decoding) {
    const choices = await Promise.all(
      drafts.map(async (draft, stream) => {
        const forward = heard.get(draft);
        if (!forward) return [draft];
        if (forward.kind === 'stopped') return [uncertain(draft)];
        if (draft.parted !== undefined) return grow(draft, forward, 1, stream, decoding);
        const trying = isFirst(draft, decoding) ? decoding : { ...decoding, moreTries: MORE_TRIES };
        return grow(draft, forward, decoding.width, stream, trying);
      }),
    );
    if (drafts.length === 1) {
      const [first] = drafts;
      return choices[0]!.length > 1 ? choices[0]!.map((child) => partedFrom(first!, child)) : choices[0]!;
    }
    const others = [...drafts];
    return drafts.flatMap((draft, index) => {
      if (heard.get(draft)?.kind !== 'logits' || draft.parted !== undefined) return choices[index]!;
      const other = unlike(others, draft, choices[index]!);
      others.push(other);
      return [other];
    });
  },
};

/** Whether nothing has been said yet, or only what was begun with. */
function isFirst(draft: Draft, decoding: Decoding): boolean {
  return isUnbegun(draft, decoding) || draft.tokens.length === decoding.from?.tokens.length;
}

function partedFrom({ tokens: { length } }: Draft, child: Draft): Draft {
  return length < child.tokens.length || child.ending ? { ...child, parted: length } : child;
}

/** The first of the choices after `parent` that none of the others has made there; else the parent, ended. */
function unlike(others: readonly Draft[], parent: Draft, choices: readonly Draft[]): Draft {
  const { length } = parent.tokens;
  const made = new Set(others.flatMap(({ tokens }) => tokens[length]?.token ?? []));
  const other = choices.find(({ tokens }) => !made.has(tokens[length]?.token ?? -1));
  return partedFrom(parent, other ?? { ...parent, ending: 'dead-end' });
}
