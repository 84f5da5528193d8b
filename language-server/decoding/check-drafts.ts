/**
 * Check after writing: finished drafts are inserted, and one that brings new errors is written anew (`write-anew.ts`).
 *
 * Generate freely, check, and constrain where the check fails: constraining always lowers what the model gets right
 * (measured for type constraints; see docs/monitors.md).
 */
import { wholeOf } from './beginning.js';
import { cutAt } from './cut.js';
import { decode, type Decoded, type Decoding } from './decode.js';
import {
  brokenFrom,
  checkedAs,
  isBetter,
  isWrong,
  ranked,
  rightForLongest,
  type Checked,
} from './checked.js';
import type { Draft } from './draft.js';
import { FirstName, type WrongName } from './first-name.js';
import { writeAnew, wrongIn, type Checking, type Rewriting, type Wrong } from './write-anew.js';

/** Writes drafts freely, then checks them. @throws Cancelled when cancelled. */
export async function writeChecked(checking: Checking): Promise<Decoded> {
  const { decoding, model, monitoring, program } = checking;
  // What is wrong with the program already is found out while the model writes.
  void decoding.answers.meanwhile(monitoring.check(''), 0);
  if (decoding.width > 1) return checkDrafts(await decode(decoding, model), checking);
  const { healed, answers } = decoding;
  const constraint = monitoring.constraint({ ...program, lead: healed });
  const name = new FirstName(constraint, healed.length, monitoring, answers);
  const watched: Decoding = {
    ...decoding,
    isLate: (ms) => isBegun(name.wrong) || decoding.isLate(ms),
    onStep(drafts) {
      decoding.onStep(drafts);
      name.see(drafts[0]!);
    },
  };
  return checkDrafts(await decode(watched, model), checking, name.wrong);
}

/**
 * The drafts, of which the first is written anew if it is wrong, at most so often as `checking` says. Those without new
 * errors come first, the likeliest first among equals; with one of them there, none that is known to bring errors.
 * @throws Cancelled when cancelled.
 */
async function checkDrafts(written: Decoded, checking: Checking, wrong?: WrongName): Promise<Decoded> {
  const start = performance.now();
  const checked = wrong
    ? [checkedAs(wrong.draft, [wrong.error], checking)]
    : await Promise.all(written.drafts.map((draft) => check(draft, checking)));
  const [first, ...others] = checked;
  if (!first || !isWrong(first)) return ranked(written, checked);
  let cost: Cost = written;
  let best = first;
  let latest = [first];
  const known: Wrong[] = [];
  const breaksMore = breaksMoreThan(first.draft, checking);
  const spent = () => written.decodeMs + (performance.now() - start);
  for (let times = 0; times < checking.rewritings && mayGain(latest, times === 0 ? [] : others); times++) {
    if (checking.decoding.isLate(spent())) {
      note('No time is left to write it anew.', checking);
      break;
    }
    if (times > 0 && checking.patienceMs < spent()) {
      note('Not written anew another time: that has taken long enough.', checking);
      break;
    }
    const where = ({ draft, errors }: Checked) => wrongIn(draft, errors![0]!, checking);
    known.push(...latest.map(where));
    const { draft } = best;
    // One that was not let finish says nothing about how long another one may be.
    const most = draft.ending ? draft.tokens.length : checking.decoding.maxTokens;
    const rewriting = { wrong: where(best), known, maxTokens: most, spentMs: spent(), breaksMore };
    const again = await writeAnew(rewriting, checking);
    cost = sumOf(cost, again);
    const shown = again.drafts.filter((one) => !isBlank(one, checking));
    const whole = shown.filter((one) => !breaksMore(one));
    const broken = shown.filter(breaksMore).map((one) => brokenFrom(rewriting.wrong.kept, one, checking));
    latest = [...(await checkUntilClean(whole, checking)).sort(rightForLongest), ...broken];
    best = latest.find((one) => isBetter(one, best)) ?? best;
  }
  if (wrong && best === first) {
    const whole = isBegun(wrong) ? await writeOn(wrong.draft, spent(), checking) : undefined;
    if (whole) cost = sumOf(cost, whole);
    best = { ...first, draft: unlessCut((whole ?? written).drafts[0]!, checking) };
  }
  return ranked({ ...written, ...cost, decodeMs: spent() }, [best, ...others]);
}

/** Whether writing anew may bring something: there is more to avoid than was known, and nothing clean, or unjudged, yet. */
function mayGain(latest: readonly Checked[], others: readonly Checked[]): boolean {
  return latest.length > 0 && latest.every(isWrong) && !others.some(({ errors }) => errors?.length === 0);
}

/**
 * Whether the file has more errors of syntax with a text than with another. In what they hide from it a server finds
 * nothing wrong: that makes a text no better.
 */
function breaksMoreThan(draft: Draft, { decoding, errorsWith }: Checking): Rewriting['breaksMore'] {
  // What was not let finish has not broken yet what it would break.
  if (!errorsWith || !draft.ending) return () => false;
  const counted = new Map<string, number>();
  const errors = (whole: string): number => {
    const known = counted.get(whole) ?? errorsWith(whole.slice(decoding.healed.length));
    counted.set(whole, known);
    return known;
  };
  return (other) => errors(draft.text) < errors(other.text);
}

/** Whether the draft with the wrong name was still being written when that was found: it is not let finish. */
function isBegun(wrong: WrongName | undefined): boolean {
  return wrong !== undefined && !wrong.draft.ending;
}

/** A draft that was not let finish, where nothing better was found. */
function writeOn(draft: Draft, spentMs: number, { decoding, model }: Checking): Promise<Decoded> {
  const from = wholeOf(draft);
  const isLate = (ms: number): boolean => decoding.isLate(spentMs + ms);
  return decode({ ...decoding, from, constraint: from.constraint, isLate }, model);
}

/** Of a draft whose first name is wrong, a piece is not worth showing: nothing, where time ran out. */
function unlessCut(draft: Draft, { decoding }: Checking): Draft {
  if (draft.ending !== 'time') return draft;
  decoding.trace({ kind: 'note', text: 'Its first name is wrong, and no time is left to write it out.' });
  return { ...cutAt(draft, Math.min(decoding.healed.length, draft.text.length)), ending: draft.ending };
}

async function check(draft: Draft, checking: Checking): Promise<Checked> {
  if (isBlank(draft, checking)) return checkedAs(draft, undefined, checking);
  const { monitoring, decoding } = checking;
  const text = draft.text.slice(decoding.healed.length);
  const answer = await decoding.answers.of(monitoring.check(text), draft.tokens.length);
  const verdict = monitoring.verdict(answer);
  const { errors } = verdict;
  if (errors) decoding.trace({ kind: 'checked', text, errors: errors.map(({ message }) => message) });
  else decoding.trace({ kind: 'unchecked', text, why: verdict.why });
  return checkedAs(draft, errors, checking);
}

/** One after the other: what comes after a clean one would not be taken, and a check may take a server long. */
async function checkUntilClean(drafts: readonly Draft[], checking: Checking): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const draft of drafts) {
    checked.push(await check(draft, checking));
    if (checked.at(-1)!.errors?.length === 0) break;
  }
  return checked;
}

/** What adds up over all that is written for a request. */
type Cost = Pick<Decoded, 'steps' | 'speculated' | 'rescored'>;

function sumOf(one: Cost, other: Cost): Cost {
  const [guesses, more] = [one.speculated, other.speculated];
  const [reading, again] = [one.rescored, other.rescored];
  return {
    steps: one.steps + other.steps,
    speculated:
      guesses && more
        ? { guessed: guesses.guessed + more.guessed, held: guesses.held + more.held }
        : (guesses ?? more),
    rescored:
      reading && again
        ? { tokens: reading.tokens + again.tokens, ms: reading.ms + again.ms }
        : (reading ?? again),
  };
}

function isBlank({ text }: Draft, { decoding }: Checking): boolean {
  return text.slice(decoding.healed.length).trim() === '';
}

function note(text: string, { decoding }: Checking): void {
  decoding.trace({ kind: 'note', text });
}
