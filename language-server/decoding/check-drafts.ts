/**
 * Check after writing: finished drafts are inserted, and one that brings new errors is written anew from just before
 * the token at fault, with monitors holding from there on.
 *
 * Generate freely, check, and constrain where the check fails: constraining always lowers what the model gets right
 * (measured for type constraints; see docs/monitors.md). Going back is approximately aligned decoding (AprAD, NeurIPS
 * 2025) with the exponent that changes the token at fault only, since the likeliest draft is wanted, not a sample.
 */
import { both, type Constraint } from '../constraints/constraint.js';
import { insisted } from '../constraints/insisted.js';
import { notBeginning, notBeginningWith, otherThan } from '../constraints/other-than.js';
import type { LanguageModel } from '../inference/model.js';
import { Answers, type Ask } from './answers.js';
import { greedy } from './choice.js';
import { decode, type Decoded, type Decoding } from './decode.js';
import { likelihoodOf, type Draft } from './draft.js';
import { firstToken } from './drafting/first-token.js';
import type { Monitoring, NewError } from './monitoring.js';
import type { Program, RescoringCost } from './write-request.js';

export interface Checking {
  readonly monitoring: Monitoring;
  readonly program: Program;
  readonly decoding: Decoding;
  readonly model: LanguageModel;
  readonly ask: Ask;
  /** Milliseconds that an answer may take. */
  readonly answerMs: number;
}

/** How often a draft is written anew; each time costs what it writes. */
const MOST_REPAIRS = 3;

/** By how much a text written anew may be longer: one that runs on has lost its way. */
const MORE_TOKENS = 12;

interface Checked {
  readonly draft: Draft;
  /** Undefined when nobody could say. */
  readonly errors?: readonly NewError[] | undefined;
}

/** Writes drafts freely, then checks them. @throws Cancelled when cancelled. */
export async function writeChecked(checking: Checking): Promise<Decoded> {
  const { decoding, model, monitoring } = checking;
  // What is wrong with the program already is found out while the model writes.
  void decoding.answers.of(monitoring.check(''), 0);
  return checkDrafts(await decode(decoding, model), checking);
}

/** Text that brings an error where it stands. */
interface Wrong {
  /** Where it begins, counted like `Draft.text`. */
  readonly at: number;
  readonly text: string;
  /** Its first token. */
  readonly token: string;
}

/**
 * The drafts of which some were written anew: those without new errors first, the likeliest first among equals; with
 * one of them there, none that is known to bring errors. @throws Cancelled when cancelled.
 */
async function checkDrafts(written: Decoded, checking: Checking): Promise<Decoded> {
  const start = performance.now();
  const checked = await Promise.all(written.drafts.map((draft) => check(draft, checking)));
  const [first, ...others] = checked;
  if (!first || !isWrong(first)) return ranked(written, checked);
  const known: Wrong[] = [];
  let { steps, rescored } = written;
  let best = first;
  let last = first;
  const spent = () => written.decodeMs + (performance.now() - start);
  for (let repairs = 0; repairs < MOST_REPAIRS && isWrong(last); repairs++) {
    if (checking.decoding.isLate(spent())) {
      note('No time is left to write it anew.', checking);
      break;
    }
    const again = await writeAnew(last, known, spent(), checking);
    steps += again.steps;
    rescored = sumOf(rescored, again.rescored);
    last = await check(again.drafts[0]!, checking);
    if (isBlank(last.draft, checking)) break;
    if (isBetter(last, best)) best = last;
  }
  return ranked({ ...written, steps, decodeMs: spent(), rescored }, [best, ...others]);
}

async function check(draft: Draft, checking: Checking): Promise<Checked> {
  if (isBlank(draft, checking)) return { draft };
  const { monitoring, decoding } = checking;
  const text = draft.text.slice(decoding.healed.length);
  const answer = await decoding.answers.of(monitoring.check(text), draft.tokens.length);
  const verdict = monitoring.verdict(answer);
  const { errors } = verdict;
  if (errors) decoding.trace({ kind: 'checked', text, errors: errors.map(({ message }) => message) });
  else decoding.trace({ kind: 'unchecked', text, why: verdict.why });
  return { draft, errors };
}

/** From just before the token at fault on, and other than what is `known` to be wrong there; adds to that. */
async function writeAnew(
  { draft, errors }: Checked,
  known: Wrong[],
  spentMs: number,
  checking: Checking,
): Promise<Decoded> {
  const { decoding, monitoring, program, ask, answerMs } = checking;
  const cursor = decoding.healed.length;
  const length = draft.text.length - cursor;
  const [error] = errors!;
  // What an error outside the draft is about can begin anywhere in it.
  const isInside = 0 <= error!.start && error!.start < length;
  const start = isInside ? cursor + error!.start : 0;
  const end = isInside
    ? Math.min(cursor + Math.max(error!.end, error!.start + 1), draft.text.length)
    : draft.text.length;
  const kept = keptUntil(draft, start);
  const written = kept.text.slice(cursor);
  const token = draft.tokens[kept.tokens.length]?.text ?? '';
  known.push({ at: kept.text.length, text: draft.text.slice(kept.text.length, end), token });
  const here = known.filter(({ at }) => at === kept.text.length);
  const place = {
    languageId: program.languageId,
    before: program.before + written,
    after: program.after,
    lead: decoding.healed.slice(kept.text.length),
  };
  note(`Written anew from token ${kept.tokens.length}, with monitors: ${error!.message}`, checking);
  const moved: Ask = (question) => ask(monitoring.moved(question, written));
  return decode(
    {
      ...decoding,
      from: kept,
      // Monitors of an earlier repair would count from where that began.
      constraint: [
        decoding.constraint.after(kept.text) ?? kept.constraint,
        ...here.map(otherAgain),
        insisted(monitoring.constraint(place)),
      ].reduce(both),
      width: 1,
      maxTokens: Math.min(decoding.maxTokens, draft.tokens.length + MORE_TOKENS),
      drafting: firstToken,
      choose: greedy,
      isLate: (ms) => decoding.isLate(spentMs + ms),
      answers: new Answers(moved, answerMs, decoding.trace),
    },
    checking.model,
  );
}

/** The longest beginning in whole tokens and code points that ends at or before `start`. */
function keptUntil(draft: Draft, start: number): Draft {
  let at = draft;
  while (at.previous && (at.text.length > start || at.heldBack.length > 0 || at === draft)) at = at.previous;
  return at;
}

/**
 * What is wrong with a number is its type, not its value; likewise with a string, if another one has not helped. Where
 * another word that begins so was wrong too, none is tried again.
 */
function otherAgain({ text, token }: Wrong, index: number): Constraint {
  if (/^\d/.test(text)) return notBeginningWith(/^\d/);
  if (index === 0) return otherThan(text);
  return /^["'`]/.test(text) ? notBeginningWith(/^["'`]/) : notBeginning(token);
}

function ranked(decoded: Decoded, checked: readonly Checked[]): Decoded {
  const isAnyClean = checked.some(({ errors }) => errors?.length === 0);
  const shown = isAnyClean ? checked.filter((one) => !isWrong(one)) : checked;
  const sorted = [...shown].sort(
    (a, b) => firstError(b) - firstError(a) || likelihoodOf(b.draft) - likelihoodOf(a.draft),
  );
  return { ...decoded, drafts: sorted.map(({ draft }) => draft) };
}

function sumOf(one: RescoringCost | undefined, other: RescoringCost | undefined): RescoringCost | undefined {
  return one && other ? { tokens: one.tokens + other.tokens, ms: one.ms + other.ms } : (one ?? other);
}

function isWrong({ errors }: Checked): boolean {
  return errors !== undefined && errors.length > 0;
}

/** Where the text goes wrong, from the cursor on: the later the better. What nobody could judge comes after clean. */
function firstError({ errors }: Checked): number {
  if (!errors) return Number.MAX_VALUE;
  return errors[0]?.start ?? Infinity;
}

/** In how far a text written anew is the better one: right for longer. */
function isBetter(one: Checked, other: Checked): boolean {
  return firstError(one) > firstError(other);
}

function isBlank({ text }: Draft, { decoding }: Checking): boolean {
  return text.slice(decoding.healed.length).trim() === '';
}

function note(text: string, { decoding }: Checking): void {
  decoding.trace({ kind: 'note', text });
}
