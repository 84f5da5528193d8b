/** Independent samples as one batch over the shared prompt: what most products do when asked for several suggestions. */
import { grow } from '../grow.js';
import type { Choice } from '../choice.js';
import { sampled } from '../choice.js';
import { logSumExp } from '../../tokens/log-probabilities.js';
import { likeliestFirst } from '../../tokens/top-tokens.js';
import { apart, isUnbegun, settled, uncertain, type Drafting } from './drafting.js';

/** Drafts draw for themselves from the first token on, so that two of them may say the same. */
export const samples: Drafting = {
  rows: apart,
  settle: settled,
  async grow(drafts, heard, decoding) {
    const grown = await Promise.all(
      drafts.map(async (draft, place) => {
        const forward = heard.get(draft);
        if (!forward) return [draft];
        if (forward.kind === 'stopped') return [uncertain(draft)];
        const streams = isUnbegun(draft, decoding) && drafts.length === 1 ? decoding.width : 1;
        const each = await Promise.all(
          Array.from({ length: streams }, (_, stream) => grow(draft, forward, 1, place + stream, decoding)),
        );
        // What only spells the healed text is spelled once.
        const [first] = each;
        return first!.every((child) => isUnbegun(child, decoding)) ? first! : each.flat();
      }),
    );
    return grown.flat();
  },
};

/**
 * Draws by chance among the likeliest tokens that together have the share `mass` of the probability (Holtzman et al.
 * 2020, The Curious Case of Neural Text Degeneration, §3.1), after `temperature`. The others come after all of these.
 */
export function nucleus(mass: number, temperature: number, seed: number): Choice {
  const draw = sampled(temperature, seed);
  return (logits, stream, at) => {
    const tempered = logits.map((logit) => logit / temperature);
    const normaliser = logSumExp(tempered);
    const scores = draw(logits, stream, at);
    const inside = new Set<number>();
    let sum = 0;
    for (const token of likeliestFirst(tempered)) {
      if (mass <= sum) break;
      inside.add(token);
      sum += Math.exp(tempered[token]! - normaliser);
    }
    return scores.map((score, token) => (inside.has(token) ? score : score - OUTSIDE));
  };
}

/** More than any two scores differ by. */
const OUTSIDE = 1e4;
