/**
 * Writes a draft anew from just before the token at fault, with monitors holding from there on.
 *
 * Going back is approximately aligned decoding (AprAD, NeurIPS 2025) with the exponent that changes the token at fault
 * only, since the likeliest draft is wanted, not a sample. Several tokens are tried in its place, side by side: that
 * costs little more than one, and what is wrong with a text is often not what can be seen from its first name.
 */
import { both, type Constraint } from '../constraints/constraint.js';
import { insisted } from '../constraints/insisted.js';
import { notBeginning, notBeginningWith, otherThan } from '../constraints/other-than.js';
import type { LanguageModel } from '../inference/model.js';
import { greedy } from './choice.js';
import { decode, type Decoded, type Decoding } from './decode.js';
import { isWhole, type Draft } from './draft.js';
import { firstToken } from './drafting/first-token.js';
import { Race } from './race.js';
import type { Monitoring, NewError } from './monitoring.js';
import type { Program } from './write-request.js';

export interface Checking {
  readonly monitoring: Monitoring;
  readonly program: Program;
  readonly decoding: Decoding;
  readonly model: LanguageModel;
  /** How many errors of syntax the file has with a text at the cursor; undefined where no grammar tells. */
  readonly errorsWith?: ((written: string) => number) | undefined;
  /** How often a draft may be written anew: each time costs what it writes, and what it asks. */
  readonly rewritings: number;
  /** Once writing has taken so many milliseconds, none is written anew another time: it mends few, and somebody waits. */
  readonly patienceMs: number;
}

/** A second time mends few, and costs as much again (docs/monitors.md): only for who asked, and has not waited long. */
const PATIENT_REWRITINGS = 2;
const PATIENCE_MS = 2_000;

/** How often something is written anew; `budgetMs`: undefined where the user has asked. */
export function patienceFor(budgetMs: number | undefined): Pick<Checking, 'rewritings' | 'patienceMs'> {
  return { rewritings: budgetMs === undefined ? PATIENT_REWRITINGS : 1, patienceMs: PATIENCE_MS };
}

/** Text that brings an error where it stands. */
export interface Wrong {
  /** What comes before it. */
  readonly kept: Draft;
  readonly text: string;
  /** Its first token. */
  readonly token: string;
  readonly message: string;
}

/** One time that something is written anew. */
export interface Rewriting {
  readonly wrong: Wrong;
  /** All that is known to be wrong by now, this included. */
  readonly known: readonly Wrong[];
  /** Tokens of what was written before. */
  readonly maxTokens: number;
  /** Milliseconds that the request has taken so far. */
  readonly spentMs: number;
  /** Whether a text is none to put in place of the first one: with it, the file has more errors of syntax. */
  readonly breaksMore: (draft: Pick<Draft, 'text'>) => boolean;
}

/** Characters before the cursor among which the name begins that is being typed. */
const LONGEST_NAME = 200;
/** By how much a text written anew may be longer: one that runs on has lost its way. */
const MORE_TOKENS = 8;
/** Tokens that are tried in place of the one at fault. */
const WIDTH = 3;
/** Monitors can refuse nearly all that there is, and each token costs them time. */
const PATIENCE = 512;

/**
 * Where the first error of a draft lies, or where it must be looked for: what an error outside the draft is about can
 * begin anywhere in it, but for the name with which the draft begins: that there is none such lies on it alone.
 */
export function wrongIn(draft: Draft, error: NewError, { decoding, program }: Checking): Wrong {
  const cursor = decoding.healed.length;
  const { length } = draft.text;
  const isInside = 0 < error.end && cursor + error.start < length;
  const name = isInString(error, isInside, program.before) ? '' : nameAt(draft.text, cursor);
  const begins = isInside ? Math.max(0, error.start) : 0;
  const typed = /[\p{L}\p{N}_$]*$/u.exec(program.before.slice(-LONGEST_NAME))![0].length;
  const isOnName = isInside && -typed <= error.start && error.end <= name.length;
  const start = cursor + (begins === 0 && !isOnName ? name.length : begins);
  const end = isInside ? Math.min(Math.max(cursor + error.end, start + 1), length) : length;
  const kept = keptUntil(draft, start);
  const token = draft.tokens[kept.tokens.length]?.text ?? '';
  return { kept, text: draft.text.slice(kept.text.length, end), token, message: error.message };
}

/**
 * Other drafts than the one with what is `wrong`, and than all that is `known` to be wrong; the whole ones first, then
 * by the tokens with which they part, the likeliest first.
 */
export async function writeAnew(
  { wrong, known, maxTokens, spentMs, breaksMore }: Rewriting,
  checking: Checking,
): Promise<Decoded> {
  const { decoding, monitoring, program } = checking;
  const { kept, message } = wrong;
  const written = kept.text.slice(decoding.healed.length);
  const place = {
    languageId: program.languageId,
    before: program.before + written,
    after: program.after,
    lead: decoding.healed.slice(kept.text.length),
  };
  const text = `Written anew from token ${kept.tokens.length}, with monitors: ${message}`;
  decoding.trace({ kind: 'note', text });
  const race = new Race(kept, breaksMore, checking);
  const decoded = await decode(
    {
      ...decoding,
      from: kept,
      constraint: [
        decoding.constraint.after(kept.text) ?? kept.constraint,
        ...othersThan(known, kept.text),
        // What says nothing brings no errors.
        ...decoding.commentSigns.map(notBeginning),
        insisted(monitoring.constraint(place)),
      ].reduce(both),
      width: WIDTH,
      patience: PATIENCE,
      // Nothing is a better answer than the search for an end, which would ask about each way to it.
      leastClosing: undefined,
      maxTokens: Math.min(decoding.maxTokens, maxTokens + MORE_TOKENS),
      drafting: firstToken,
      choose: greedy,
      isLate: (ms) => race.isOver || decoding.isLate(spentMs + ms),
      answers: decoding.answers.thatPut((question) => monitoring.moved(question, written), race.over),
      onStep(drafts) {
        race.see(drafts);
        decoding.onStep(drafts);
      },
    },
    checking.model,
  );
  const drafts = [...decoded.drafts].sort(
    (a, b) => Number(isWhole(b)) - Number(isWhole(a)) || race.likelihood(b) - race.likelihood(a),
  );
  return { ...decoded, drafts };
}

/** Whether an error is about the string that is open at the cursor: it begins where that does. */
function isInString({ start }: NewError, isInside: boolean, before: string): boolean {
  if (start >= 0 || !isInside) return false;
  const [, quote, text = ''] = /^[a-z]{0,2}(["'`])(.*)$/is.exec(before.slice(start)) ?? [];
  return quote !== undefined && !text.includes(quote) && !/\n|\$\{/.test(text);
}

/** The name that begins at an offset; nothing where only what ends arguments or statements follows it. */
function nameAt(text: string, offset: number): string {
  const [, name = '', rest = ''] = /^([\p{L}_$][\p{L}\p{N}_$]*)(.*)$/su.exec(text.slice(offset)) ?? [];
  return /[^\s;,)\]}]/.test(rest) ? name : '';
}

/** The longest beginning in whole tokens and code points that ends at or before `start`. */
function keptUntil(draft: Draft, start: number): Draft {
  let at = draft;
  while (at.previous && (at.text.length > start || at.heldBack.length > 0 || at === draft)) at = at.previous;
  return at;
}

/**
 * What is written after `kept` so that nothing that is `known` to be wrong is written once more. What is wrong with a
 * number is its type, not its value. What was tried in its place is not tried in longer forms: other tokens are.
 */
function othersThan(known: readonly Wrong[], kept: string): readonly Constraint[] {
  return known.flatMap((wrong, index) => {
    const text = wrong.kept.text + wrong.text;
    if (!text.startsWith(kept) || text.length === kept.length) return [];
    if (wrong.kept.text !== kept) return [otherThan(text.slice(kept.length))];
    if (/^\d/.test(wrong.text)) return [notBeginningWith(/^\d/)];
    return [index === 0 ? otherThan(wrong.text) : notBeginning(wrong.token)];
  });
}
