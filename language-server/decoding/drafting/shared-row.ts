/** Growing drafts that share a row of the network: which of its likeliest tokens goes with which draft (Shen et al. 2024, §3.3). */
import type { Spoken } from '../../inference/model.js';
import { logSumExp } from '../../tokens/log-probabilities.js';
import { topTokens } from '../../tokens/top-tokens.js';
import type { TokenId } from '../../tokens/vocabulary.js';
import type { Decoding } from '../decode.js';
import type { Draft } from '../draft.js';
import { extend, tell, type Refusal } from '../grow.js';
import { goingOn } from '../within-line.js';

/** How likely a token is after others by the code that is known: no network is asked. In (0, 1]. */
export type NextToken = (before: readonly TokenId[], token: TokenId) => number;

/** Tokens of the network that each draft may take (the paper: 9 for three drafts). */
const CANDIDATES = 9;
/** Weight of the n-grams against the network (the paper: 0.54). */
const NGRAM_WEIGHT = 0.54;

interface Candidate {
  readonly parent: Draft;
  readonly token: TokenId;
  /** Logarithm of the weight that the child would have. */
  readonly weight: number;
  /** Of the token in the mixture, which stands for what the draft alone would have said. */
  readonly logProb: number;
}

/**
 * The best of all pairs of a draft and a token that the drafts' constraints allow (the paper's k × k to k), at most
 * `room`. A draft with none of them dies, and its weight goes to the others; none are left when all die.
 */
export async function growTogether(
  row: readonly Draft[],
  forward: Spoken,
  room: number,
  next: NextToken,
  decoding: Decoding,
): Promise<readonly Draft[]> {
  const candidates = await candidatesOf(row, goingOn(forward, decoding).logits, next, decoding);
  const children: Draft[] = [];
  const refusals: Refusal[] = [];
  for (const { parent, token, weight, logProb } of candidates) {
    if (children.length === room) break;
    const child = await extend(parent, token, logProb, forward, decoding);
    if ('branch' in child) children.push({ ...child, weight });
    else refusals.push({ ...child, token, probability: Math.exp(logProb) });
  }
  tell(refusals, row[0]!.tokens.length, decoding);
  return children;
}

/** What the drafts may go on with: the network's likeliest tokens, weighed by network and n-grams; the best first. */
async function candidatesOf(
  row: readonly Draft[],
  logits: Float32Array,
  next: NextToken,
  { answers, prompt }: Decoding,
): Promise<readonly Candidate[]> {
  const normaliser = logSumExp(logits);
  const tokens = [...topTokens(logits, CANDIDATES)];
  const candidates: Candidate[] = [];
  for (const draft of row) {
    const settled = await answers.settle(draft.constraint, draft.tokens.length);
    if ('refusedBy' in settled) continue;
    const parent = { ...draft, constraint: settled.allowed };
    const before = [...prompt, ...draft.tokens.map(({ token }) => token)];
    const fused = tokens.map(
      (token) =>
        (1 - NGRAM_WEIGHT) * (logits[token]! - normaliser) + NGRAM_WEIGHT * Math.log(next(before, token)),
    );
    const all = logSumExp(Float32Array.from(fused));
    for (const [index, token] of tokens.entries()) {
      const weight = draft.weight + fused[index]! - all;
      candidates.push({ parent, token, weight, logProb: logits[token]! - normaliser });
    }
  }
  return candidates.sort((a, b) => b.weight - a.weight);
}

export function heaviest(drafts: readonly Draft[]): Draft {
  return drafts.reduce((best, draft) => (best.weight < draft.weight ? draft : best));
}
