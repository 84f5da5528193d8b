/**
 * Superposed decoding (Shen et al. 2024, Superposed Decoding: Multiple Generations from a Single Autoregressive
 * Inference Pass, NeurIPS, §3): drafts share each row of the network, whose input is the weighted sum of their last
 * tokens, and an n-gram model says which draft a token belongs to.
 *
 * Beyond the paper: a draft that may not go on dies and leaves its weight to the others; and since a superposition
 * drifts from the true mixture after about ten tokens (§5.2), the drafts are read again by then, exactly and in one
 * batch, and go on in rows of their own. Log-probabilities are the model's own once they have been read so.
 */
import type { Branch, Spoken } from '../../inference/model.js';
import { logSumExp } from '../../tokens/log-probabilities.js';
import { topTokens } from '../../tokens/top-tokens.js';
import type { TokenId } from '../../tokens/vocabulary.js';
import type { Decoding } from '../decode.js';
import type { Draft } from '../draft.js';
import { extend, grow, tell, type Refusal } from '../grow.js';
import { uncertain, isUnbegun, type Drafting } from './drafting.js';
import { readAgain } from './read-again.js';

/** How likely a token is after others by the code that is known: no network is asked. In (0, 1]. */
export type NextToken = (before: readonly TokenId[], token: TokenId) => number;

/** Tokens of the network that each draft may take (the paper: 9 for three drafts). */
const CANDIDATES = 9;
/** Weight of the n-grams against the network (the paper: 0.54). */
const NGRAM_WEIGHT = 0.54;
/** Tokens that drafts write superposed before they are read again: by then the superposition has drifted. */
export const SUPERPOSED_TOKENS = 10;

/** @param next tells drafts apart; see `ngrams/`. */
export function superposed(next: NextToken): Drafting {
  return {
    rows: byBranch,
    async grow(drafts, heard, decoding) {
      const ended = drafts.filter((draft) => draft.ending);
      const rows = byBranch(drafts.filter((draft) => !draft.ending));
      const grown = [...ended];
      for (const row of rows) {
        const forward = heard.get(row[0]!)!;
        const room = rows.length === 1 ? Math.max(1, decoding.width - ended.length) : row.length;
        if (forward.kind === 'stopped') grown.push(...row.map(uncertain));
        else grown.push(...(await growRow(row, forward, room, next, decoding)));
      }
      return grown;
    },
    async settle(drafts, session, { depth }) {
      const isDue = ({ tokens, trunk }: Draft) => trunk && SUPERPOSED_TOKENS <= tokens.length - trunk.tokens;
      const open = drafts.filter((draft) => !draft.ending);
      return open.length === 0 || open.some(isDue) ? readAgain(drafts, session, depth) : drafts;
    },
  };
}

/** Drafts that the network has read the same rows for. */
function byBranch(drafts: readonly Draft[]): readonly (readonly Draft[])[] {
  const rows = new Map<Branch, Draft[]>();
  for (const draft of drafts) rows.set(draft.branch, [...(rows.get(draft.branch) ?? []), draft]);
  return [...rows.values()];
}

/** The children of the drafts of one row, at most `room`. A draft alone grows as any other: there is nothing to tell apart. */
async function growRow(
  row: readonly Draft[],
  forward: Spoken,
  room: number,
  next: NextToken,
  decoding: Decoding,
): Promise<readonly Draft[]> {
  const [first] = row;
  if (row.length === 1) {
    const children = await grow(first!, forward, isUnbegun(first!, decoding) ? room : 1, 0, decoding);
    return children.map((child) => ({ ...child, weight: child.logProb }));
  }
  const children = await bestChildren(row, forward, room, next, decoding);
  // All have died: the heaviest may still go on with a token that is no candidate.
  return children.length > 0 ? children : grow(heaviest(row), forward, 1, 0, decoding);
}

interface Candidate {
  readonly parent: Draft;
  readonly token: TokenId;
  /** Logarithm of the weight that the child would have. */
  readonly weight: number;
  readonly logProb: number;
}

/** The best of all pairs of a draft and a token that the drafts' constraints allow (the paper's k × k to k). */
async function bestChildren(
  row: readonly Draft[],
  forward: Spoken,
  room: number,
  next: NextToken,
  decoding: Decoding,
): Promise<readonly Draft[]> {
  const candidates: Candidate[] = [];
  for (const draft of row) {
    const settled = await decoding.answers.settle(draft.constraint, draft.tokens.length);
    if ('refusedBy' in settled) continue;
    const constraint = settled.allowed;
    const trunk = draft.trunk ?? { branch: draft.branch, tokens: draft.tokens.length };
    candidates.push(...candidatesOf({ ...draft, constraint, trunk }, forward.logits, next, decoding));
  }
  candidates.sort((a, b) => b.weight - a.weight);
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

/** What a draft may go on with: the network's likeliest tokens, weighed by network and n-grams. */
function candidatesOf(
  parent: Draft,
  logits: Float32Array,
  next: NextToken,
  { prompt }: Decoding,
): readonly Candidate[] {
  const normaliser = logSumExp(logits);
  const before = [...prompt, ...parent.tokens.map(({ token }) => token)];
  const tokens = [...topTokens(logits, CANDIDATES)];
  const fused = tokens.map(
    (token) =>
      (1 - NGRAM_WEIGHT) * (logits[token]! - normaliser) + NGRAM_WEIGHT * Math.log(next(before, token)),
  );
  const all = logSumExp(Float32Array.from(fused));
  return tokens.map((token, index) => ({
    parent,
    token,
    weight: parent.weight + fused[index]! - all,
    logProb: logits[token]! - normaliser,
  }));
}

function heaviest(drafts: readonly Draft[]): Draft {
  return drafts.reduce((best, draft) => (best.weight < draft.weight ? draft : best));
}
