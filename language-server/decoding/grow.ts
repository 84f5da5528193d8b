/** One growth of a draft: the first tokens, in the order of choice, that the text may still take. */
import { refuser, type Constraint } from '../constraints/constraint.js';
import { wishToEnd } from '../tokens/line-end-tokens.js';
import { spellingIndex } from '../tokens/spelling-index.js';
import { normaliserOf } from '../tokens/log-probabilities.js';
import { decodePiece } from '../tokens/utf8.js';
import type { TokenId } from '../tokens/vocabulary.js';
import type { Spoken } from '../inference/model.js';
import type { NextToken } from './aligned/future-trie.js';
import type { Answers, Settled } from './answers.js';
import { tokensInOrder, weighed } from './choice.js';
import { waysAfter } from './closing/ways.js';
import type { Decoding } from './decode.js';
import type { Draft } from './draft.js';
import { allowsSomeOf } from './unfinished-code-point.js';
import { endedBeforeComment, goingOn } from './within-line.js';

/** Refusals of one growth that the trace tells one by one: those that mattered. */
const TOLD_REFUSALS = 8;
const TOLD_PROBABILITY = 0.001;

/**
 * Where those who only believe (see `Constraint.released`) refuse so much probability, the model clearly means something
 * else, such as a name that is yet to be defined: it is not forced.
 */
const MOST_REFUSED = 0.95;

/** Up to `count` drafts that are one token longer, in the order of choice; the draft itself, ended, when none is. */
export async function grow(
  draft: Draft,
  spoken: Spoken,
  count: number,
  stream: number,
  decoding: Decoding,
): Promise<readonly Draft[]> {
  const at = draft.tokens.length;
  const settled = await decoding.answers.settle(draft.constraint, at);
  if ('refusedBy' in settled) {
    // What is written is refused: no way on from it, and no wish to end there, counts.
    const refused: Draft = { ...draft, wish: undefined, ways: undefined, ending: 'dead-end' };
    return [goBack(draft, [], 1, decoding) ?? refused];
  }
  const constraint = settled.allowed;
  const choices = await choose({ ...draft, constraint }, spoken, count, stream, decoding);
  const released = constraint.released?.(new Set(choices.refusals.map(({ by }) => by)));
  const { grown, refusals } = choices;
  if (!released || grown.length > 0 || !isForced(refusals, draft, decoding)) return ended(choices, decoding);
  decoding.trace({ kind: 'note', text: `Not forced at token ${at}: too little probability was left.` });
  return ended(await choose({ ...draft, constraint: released }, spoken, count, stream, decoding), decoding);
}

/** The tokens that may come next, and those that may not, in the order in which they were looked at. */
interface Choices {
  readonly draft: Draft;
  readonly grown: readonly Draft[];
  readonly refusals: readonly Refusal[];
  /** Probability that was taken from them: by refusals, and because what follows is known to be forbidden. */
  readonly removed: number;
}

async function choose(
  asked: Draft,
  heard: Spoken,
  count: number,
  stream: number,
  decoding: Decoding,
): Promise<Choices> {
  const at = asked.tokens.length;
  const whole = normaliserOf(heard.logits);
  const spoken = goingOn(heard, decoding);
  const normaliser = spoken === heard ? whole : normaliserOf(spoken.logits);
  const draft = {
    ...asked,
    wish: wishToEnd(heard.logits, whole, decoding.vocabulary),
    goingOn: normaliser - whole,
    ways: waysAfter(heard, whole, decoding.after, decoding.vocabulary),
  };
  const shares = decoding.backingUp.sharesAfter(draft);
  // Choices that are made once more are made by other chances.
  const again = decoding.width * draft.takenBack;
  const scores = decoding.choose(weighed(spoken.logits, shares), stream + again, at);
  let forbidden = 0;
  for (const [token, share] of shares)
    forbidden += (1 - share) * Math.exp(spoken.logits[token]! - normaliser);
  const grown: Draft[] = [];
  const refusals: Refusal[] = [];
  let tried = 0;
  let most = decoding.patience;
  for (const token of tokensInOrder(scores, fixedTokens(draft, decoding))) {
    if (grown.length === count || tried === most) break;
    tried++;
    const logProb = spoken.logits[token]! - normaliser;
    const child = await extend(draft, token, logProb, spoken, decoding);
    if ('branch' in child) {
      if (grown.length === 0) most = Math.min(most, tried + (decoding.moreTries ?? Infinity));
      const shorter = endedBeforeComment(child, decoding);
      if (shorter) {
        if (!grown.some(({ text }) => text === shorter.text)) grown.push(shorter);
        continue;
      }
      const removed = forbidden + removedBy(refusals, draft, decoding);
      grown.push(decoding.doubt.weigh({ ...child, removed: draft.removed + removed }, draft, spoken));
      continue;
    }
    refusals.push({ ...child, token, probability: Math.exp(logProb) });
    if (grown.length === 0 && isForced(refusals, draft, decoding)) break;
  }
  return { draft, grown, refusals, removed: forbidden + removedBy(refusals, draft, decoding) };
}

/** The choices as drafts; the draft itself, ended, where there is none. */
function ended({ draft, grown, refusals, removed }: Choices, decoding: Decoding): readonly Draft[] {
  const at = draft.tokens.length;
  tell(refusals, at, decoding);
  const [first] = grown;
  const back = goBack(draft, refusals, first ? removed : 1, decoding);
  if (back) return [back];
  if (!first) return [{ ...draft, removed: draft.removed + removed, ending: 'dead-end' }];
  const { abstains } = first.constraint;
  if (abstains !== undefined) decoding.trace({ kind: 'abstained', at, why: abstains });
  // Where the likeliest token only spells the healed text, alternatives would be other spellings of it, not other drafts.
  return isBeyond(first, decoding) ? grown.filter((child) => isBeyond(child, decoding)) : [first];
}

/** Probability that was refused; while the healed text is spelled once more, none counts. */
function removedBy(refusals: readonly Refusal[], { text }: Draft, { healed }: Decoding): number {
  if (text.length < healed.length) return 0;
  return refusals.reduce((sum, { probability }) => sum + probability, 0);
}

/** Whether beliefs leave next to nothing of what the model wants to say. */
function isForced(refusals: readonly Refusal[], draft: Draft, decoding: Decoding): boolean {
  const believed = refusals.filter(({ isBelief }) => isBelief);
  return removedBy(believed, draft, decoding) >= MOST_REFUSED;
}

/** Where the draft goes on from instead, if it does; the trace says so. */
function goBack(
  draft: Draft,
  refusals: readonly NextToken[],
  removed: number,
  { backingUp, from, healed, width, trace }: Decoding,
): Draft | undefined {
  if (draft.text.length < healed.length) return undefined;
  // Drafts that have parted ways do not meet again.
  const mayGoBackTo = ({ text, tokens }: Draft): boolean =>
    (from?.tokens.length ?? 0) <= tokens.length && (width === 1 || healed.length < text.length);
  const back = backingUp.goBack(draft, refusals, removed, mayGoBackTo);
  if (back) trace({ kind: 'backed-up', at: draft.tokens.length, to: back.tokens.length, removed });
  return back;
}

interface Refused {
  readonly by: string;
  /** Who refuses only believes so. */
  readonly isBelief: boolean;
}

export interface Refusal extends Refused, NextToken {}

function refusedBy({ name, released }: Pick<Constraint, 'name' | 'released'>): Refused {
  return { by: name, isBelief: released !== undefined };
}

/** What one more token is judged by. */
export interface Judging extends Pick<Decoding, 'vocabulary' | 'healed'> {
  readonly answers: Pick<Answers, 'prefetch' | 'settle'>;
}

/** The draft with one more token; or who refuses it. */
export async function extend(
  draft: Draft,
  token: TokenId,
  logProb: number,
  spoken: Pick<Spoken, 'branch' | 'exit'>,
  judging: Judging,
): Promise<Draft | Refused> {
  const { vocabulary } = judging;
  if (vocabulary.endOfText.has(token)) {
    if (draft.heldBack.length > 0) return refusedBy({ name: 'utf-8' });
    if (draft.constraint.mayEnd()) return { ...draft, ending: 'end-of-text' };
    return refusedBy({ name: draft.constraint.name });
  }
  const bytes = vocabulary.bytesOf(token);
  if (bytes.length === 0) return refusedBy({ name: 'markup' });
  const piece = decodePiece(draft.heldBack, bytes);
  if (!piece) return refusedBy({ name: 'utf-8' });
  const at = draft.tokens.length;
  let constraint = piece.text === '' ? draft.constraint : draft.constraint.after(piece.text);
  const text = draft.text + piece.text;
  if (constraint) {
    const settled = await answeredWithin(constraint, text.length, at, judging);
    if ('refusedBy' in settled) return refusedBy(settled.refusedBy);
    constraint = settled.allowed;
  }
  if (!constraint) return refusedBy(refuser(draft.constraint, piece.text));
  if (piece.heldBack.length > 0 && !allowsSomeOf(piece.heldBack, constraint))
    return refusedBy(refuser(constraint, '\uFFFD'));
  return {
    tokens: [...draft.tokens, { token, text: piece.text, logProb, exit: spoken.exit }],
    text,
    heldBack: piece.heldBack,
    logProb: draft.logProb + logProb,
    weight: draft.weight,
    ...(draft.trunk && { trunk: draft.trunk }),
    ...(draft.parted !== undefined && { parted: draft.parted }),
    removed: draft.removed,
    takenBack: draft.takenBack,
    constraint,
    branch: spoken.branch,
    previous: draft,
  };
}

/** A question about the end of a text of this `length` is answered while the network runs; one inside it decides on it. */
export async function answeredWithin(
  constraint: Constraint,
  length: number,
  at: number,
  { answers, healed }: Judging,
): Promise<Settled> {
  if (constraint.questions.some(({ written }) => written.length !== length - healed.length))
    return answers.settle(constraint, at);
  answers.prefetch(constraint, at);
  return { allowed: constraint };
}

/** Whether a draft has begun to say something new. */
export function isBeyond({ text, heldBack, ending }: Draft, { healed }: Decoding): boolean {
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

export function tell(refusals: readonly Refusal[], at: number, { vocabulary, trace }: Decoding): void {
  if (refusals.length === 0) return;
  const told = refusals.filter((refusal) => refusal.probability >= TOLD_PROBABILITY).slice(0, TOLD_REFUSALS);
  for (const { token, by, probability } of told) {
    const spelled = new TextDecoder().decode(vocabulary.bytesOf(token));
    trace({ kind: 'refused', at, token: spelled, by, probability });
  }
  const removed = refusals.reduce((sum, { probability }) => sum + probability, 0);
  trace({ kind: 'removed', at, probability: removed });
}
