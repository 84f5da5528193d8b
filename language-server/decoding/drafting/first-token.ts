/**
 * Branches at the first token that leaves a choice: its likeliest ones, each written on greedily in one batch over the
 * shared prompt. One that has come back to where they parted takes what none of the others began with.
 */
import { grow } from '../grow.js';
import type { Draft } from '../draft.js';
import { apart, settled, uncertain, type Drafting } from './drafting.js';

export const firstToken: Drafting = {
  rows: apart,
  settle: settled,
  async grow(drafts, heard, decoding) {
    const parting = partingOf(drafts);
    const choices = await Promise.all(
      drafts.map(async (draft, stream) => {
        const forward = heard.get(draft);
        if (!forward) return [draft];
        if (forward.kind === 'stopped') return [uncertain(draft)];
        return grow(draft, forward, draft.tokens.length <= parting ? decoding.width : 1, stream, decoding);
      }),
    );
    if (drafts.length === 1) return choices[0]!;
    const others = [...drafts];
    return drafts.flatMap((draft, index) => {
      if (heard.get(draft)?.kind !== 'logits' || parting < draft.tokens.length) return choices[index]!;
      const other = unlike(others, draft, choices[index]!);
      others.push(other);
      return [other];
    });
  },
};

/** Of how many tokens all of some drafts begin alike: behind them they part, and a lone one may. */
export function partingOf(drafts: readonly Pick<Draft, 'tokens'>[]): number {
  const [{ tokens }, ...others] = drafts as readonly [Draft, ...Draft[]];
  const parting = tokens.findIndex(({ token }, at) =>
    others.some((other) => other.tokens[at]?.token !== token),
  );
  return parting < 0 ? tokens.length : parting;
}

/** The first of the choices after `parent` that none of the others has made there; else the parent, ended. */
function unlike(others: readonly Draft[], parent: Draft, choices: readonly Draft[]): Draft {
  const { length } = parent.tokens;
  const made = new Set(others.flatMap(({ tokens }) => tokens[length]?.token ?? []));
  const other = choices.find(({ tokens }) => !made.has(tokens[length]?.token ?? -1));
  return other ?? { ...parent, ending: 'dead-end' };
}
