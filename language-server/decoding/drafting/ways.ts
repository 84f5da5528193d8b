/** The ways of writing several drafts by their names in settings. */
import { greedy, sampled, type Choice } from '../choice.js';
import type { WriteRequest } from '../write-request.js';
import { beams } from './beams.js';
import { branches } from './branches.js';
import type { Drafting } from './drafting.js';
import { firstToken } from './first-token.js';
import { nucleus, samples } from './nucleus.js';
import type { NextToken } from './shared-row.js';
import { superposed } from './superposed.js';

/** How one request's drafts are written, and in which order tokens are tried. */
export interface Way {
  readonly drafting: Drafting;
  readonly choose: Choice;
}

/** The usual nucleus for code: https://arxiv.org/abs/2107.03374 (§3) samples with these. */
const NUCLEUS = { mass: 0.95, temperature: 0.8, seed: 1 };

/** A single draft is always the likeliest. `next` is asked for by superposed drafts alone. */
export function wayOf({ drafts, drafting, sampling }: WriteRequest, next: () => NextToken): Way {
  if (drafts === 1) return { drafting: firstToken, choose: greedy };
  const choose = sampling ? sampled(sampling.temperature, sampling.seed) : greedy;
  switch (drafting) {
    case 'superposed':
      return { drafting: superposed(next()), choose: greedy };
    case 'branches':
      return { drafting: branches, choose };
    case 'beams':
      return { drafting: beams, choose };
    case 'nucleus': {
      const { mass, temperature, seed } = { ...NUCLEUS, ...sampling };
      return { drafting: samples, choose: nucleus(mass, temperature, seed) };
    }
    case 'first-token':
      return { drafting: firstToken, choose };
  }
}
