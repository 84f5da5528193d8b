/**
 * Diverse beam search (Vijayakumar et al. 2018, https://arxiv.org/abs/1610.02424) with one beam to a group, the form
 * that the paper finds best: drafts choose in turn, and what the ones before chose at the same step costs more.
 */
import type { Choice } from '../choice.js';
import type { Draft } from '../draft.js';
import { grow } from '../grow.js';
import type { TokenId } from '../../tokens/vocabulary.js';
import { apart, isUnbegun, settled, uncertain, type Drafting } from './drafting.js';

/** Nats taken off a token for each draft that chose it before; the paper's range is 0.2 to 0.8. */
const PENALTY = 0.5;

export const beams: Drafting = {
  rows: apart,
  settle: settled,
  async grow(drafts, heard, decoding) {
    const chosen = new Map<TokenId, number>();
    const grown: Draft[] = [];
    for (const [stream, draft] of drafts.entries()) {
      const forward = heard.get(draft);
      if (forward?.kind !== 'logits') {
        grown.push(forward ? uncertain(draft) : draft);
        continue;
      }
      const groups = isUnbegun(draft, decoding) && drafts.length === 1 ? decoding.width : 1;
      for (let group = 0; group < groups; group++) {
        const choose = penalised(decoding.choose, chosen);
        const [child] = await grow(draft, forward, 1, stream + group, { ...decoding, choose });
        const token = child!.tokens.length > draft.tokens.length ? child!.tokens.at(-1)!.token : undefined;
        if (token !== undefined) chosen.set(token, (chosen.get(token) ?? 0) + 1);
        grown.push(child!);
        // What only spells the healed text is spelled once.
        if (isUnbegun(child!, decoding)) break;
      }
    }
    return grown;
  },
};

/** Scores less the Hamming diversity term of the paper (§4). */
function penalised(choose: Choice, chosen: ReadonlyMap<TokenId, number>): Choice {
  if (chosen.size === 0) return choose;
  return (logits, stream, at) => {
    const scores = choose(logits, stream, at).slice();
    for (const [token, times] of chosen) scores[token]! -= PENALTY * times;
    return scores;
  };
}
