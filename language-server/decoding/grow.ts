/** One growth of a draft: the first tokens, in the order of choice, that the text may still take. */
import { spellingIndex } from '../tokens/spelling-index.js';
import { logSumExp } from '../tokens/log-probabilities.js';
import { decodePiece } from '../tokens/utf8.js';
import type { TokenId } from '../tokens/vocabulary.js';
import type { Forward } from '../inference/model.js';
import { tokensInOrder } from './choice.js';
import type { Decoding } from './decode.js';
import type { Draft } from './draft.js';

/** Tokens tried for one growth before the draft is given up; a legal one this unlikely would be noise. */
const PATIENCE = 4096;
/** Refusals of one growth that the trace tells one by one: those that mattered. */
const TOLD_REFUSALS = 8;
const TOLD_PROBABILITY = 0.001;

type Spoken = Extract<Forward, { kind: 'logits' }>;

/** Up to `count` drafts that are one token longer, in the order of choice; the draft itself, ended, when none is. */
export async function grow(
  draft: Draft,
  spoken: Spoken,
  count: number,
  stream: number,
  decoding: Decoding,
): Promise<readonly Draft[]> {
  const at = draft.tokens.length;
  const constraint = await decoding.answers.settle(draft.constraint, at);
  if (!constraint) return [{ ...draft, ending: 'dead-end' }];
  const settled = { ...draft, constraint };
  const normaliser = logSumExp(spoken.logits);
  const scores = decoding.choose(spoken.logits, stream, at);
  const grown: Draft[] = [];
  const refusals: Refusal[] = [];
  const isFree = decoding.healed.length <= draft.text.length;
  let removed = draft.removed;
  let tried = 0;
  for (const token of tokensInOrder(scores, fixedTokens(settled, decoding))) {
    if (grown.length === count || tried++ === PATIENCE) break;
    const logProb = spoken.logits[token]! - normaliser;
    const child = await extend(settled, token, logProb, spoken, decoding);
    if (typeof child !== 'string') {
      grown.push({ ...child, removed });
      continue;
    }
    const probability = Math.exp(logProb);
    refusals.push({ token, by: child, probability });
    if (isFree) removed += probability;
  }
  tell(refusals, at, decoding);
  const [first] = grown;
  if (!first) return [{ ...settled, removed, ending: 'dead-end' }];
  // Where the likeliest token only spells the healed text, alternatives would be other spellings of it, not other drafts.
  return isBeyond(first, decoding) ? grown.filter((child) => isBeyond(child, decoding)) : [first];
}

interface Refusal {
  readonly token: TokenId;
  readonly by: string;
  readonly probability: number;
}

/** The draft with one more token; or the name of who refuses it. */
async function extend(
  draft: Draft,
  token: TokenId,
  logProb: number,
  spoken: Spoken,
  decoding: Decoding,
): Promise<Draft | string> {
  const { vocabulary, answers } = decoding;
  if (vocabulary.endOfText.has(token)) {
    if (draft.heldBack.length > 0) return 'utf-8';
    return draft.constraint.mayEnd() ? { ...draft, ending: 'end-of-text' } : draft.constraint.name;
  }
  const bytes = vocabulary.bytesOf(token);
  if (bytes.length === 0) return 'markup';
  const piece = decodePiece(draft.heldBack, bytes);
  if (!piece) return 'utf-8';
  const at = draft.tokens.length;
  let constraint = piece.text === '' ? draft.constraint : draft.constraint.after(piece.text);
  const text = draft.text + piece.text;
  if (constraint && constraint.questions.length > 0) {
    // A question about the end of this text is answered while the network runs; one inside this token decides on it.
    const cursor = text.length - decoding.healed.length;
    if (constraint.questions.every((question) => question.written.length === cursor))
      answers.prefetch(constraint, at);
    else constraint = await answers.settle(constraint, at);
  }
  if (!constraint) return draft.constraint.name;
  return {
    tokens: [...draft.tokens, { token, text: piece.text, logProb, exit: spoken.exit }],
    text,
    heldBack: piece.heldBack,
    logProb: draft.logProb + logProb,
    removed: draft.removed,
    constraint,
    branch: spoken.branch,
    previous: draft,
  };
}

/** Whether a draft has begun to say something new. */
function isBeyond({ text, heldBack, ending }: Draft, { healed }: Decoding): boolean {
  return text.length > healed.length || heldBack.length > 0 || ending !== undefined;
}

/** The only tokens worth trying, where the text to come is fixed. */
function fixedTokens(
  { constraint, heldBack }: Draft,
  { vocabulary }: Decoding,
): readonly TokenId[] | undefined {
  if (constraint.spells === undefined) return undefined;
  const bytes = new TextEncoder().encode(constraint.spells);
  return spellingIndex(vocabulary).agreeingWith(bytes.subarray(heldBack.length));
}

function tell(refusals: readonly Refusal[], at: number, { vocabulary, trace }: Decoding): void {
  if (refusals.length === 0) return;
  const told = refusals.filter((refusal) => refusal.probability >= TOLD_PROBABILITY).slice(0, TOLD_REFUSALS);
  for (const { token, by, probability } of told) {
    const spelled = new TextDecoder().decode(vocabulary.bytesOf(token));
    trace({ kind: 'refused', at, token: spelled, by, probability });
  }
  const removed = refusals.reduce((sum, { probability }) => sum + probability, 0);
  trace({ kind: 'removed', at, probability: removed });
}
