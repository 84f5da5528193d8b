/** Ends drafts: where a rule finds the text complete, where a budget is spent, and never where it may not end. */
import { cutAt, mayStop } from './cut.js';
import type { Decoding } from './decode.js';
import type { Draft, Ending } from './draft.js';

/** Says where a draft may be complete: the places to try, the best first. */
export type EndingRule = (draft: Draft) => readonly Complete[];

export interface Complete {
  readonly ending: Ending;
  /** Length of the text to keep, counted like `Draft.text`, in UTF-16 units. */
  readonly keep: number;
}

/** `draft`, ended if it has to be. A text that may not end where a rule wants it goes on. */
export function finish(draft: Draft, isLate: boolean, decoding: Decoding): Draft {
  if (draft.ending === 'dead-end' || draft.ending === 'uncertain')
    return cutBack(draft, draft.ending, decoding);
  if (draft.ending)
    return mayStop(draft, draft.text.length, decoding) ? draft : cutBack(draft, draft.ending, decoding);
  for (const { ending, keep } of decoding.endingRule(draft)) {
    if (ending === 'repetition') return cutBack(cutAt(draft, keep), ending, decoding);
    if (mayStop(draft, keep, decoding)) return { ...cutAt(draft, keep), ending };
  }
  if (draft.tokens.length >= decoding.maxTokens) return cutBack(draft, 'length', decoding);
  if (isLate) return cutBack(draft, 'time', decoding);
  return draft;
}

/**
 * Where the model wants to end by at least this much, a text that it went on from is still worth showing. Of ten
 * pieces with less, none was what stood there.
 */
const LEAST_WISH = 0.05;

/**
 * Ends a draft that was interrupted: with the most whole lines that may stand where they are or, where none may, where
 * the model most wanted to end among all places that join (Melcer et al. 2024, https://arxiv.org/abs/2402.17988, take
 * those alone). Else, if it is still in its first line, with the longest beginning that joins: of a construct over
 * several lines, a piece would only mislead.
 */
function cutBack(draft: Draft, ending: Ending, decoding: Decoding): Draft {
  const { healed, trace } = decoding;
  if (ending === 'uncertain') return cutToSure(draft, decoding);
  const start = healed.length;
  const nothing = { ...cutAt(draft, Math.min(start, draft.text.length)), ending };
  const first = draft.text.indexOf('\n', start + leadingBlanks(draft.text.slice(start)));
  for (
    let end = draft.text.lastIndexOf('\n');
    first >= 0 && first <= end;
    end = draft.text.lastIndexOf('\n', end - 1)
  ) {
    if (mayStop(draft, end, decoding)) return { ...cutAt(draft, end), ending };
  }
  const places: Draft[] = [];
  for (let at: Draft | undefined = draft; at && start < at.text.length; at = at.previous) places.push(at);
  const joins = (at: Draft): boolean => mayStop(at, at.text.length, decoding);
  const wished = places
    .filter(({ wish = 0 }) => LEAST_WISH <= wish)
    .sort((a, b) => b.wish! - a.wish!)
    .find(joins);
  const kept = wished ?? (first < 0 ? places.find(joins) : undefined);
  const length = kept ? `${kept.tokens.length} of its ${draft.tokens.length} tokens` : 'nothing';
  const why = wished
    ? `the model wanted to end there most, by ${percent(wished.wish!)}`
    : `it ended by ${ending}`;
  trace({ kind: 'note', text: `Kept ${length} of ${JSON.stringify(draft.text.slice(start))}: ${why}.` });
  // What was cut short without being wished for may be closed instead (`closing/`).
  const lost = !wished && kept !== draft && { lost: { ...draft, ending } };
  return { ...(kept ? { ...kept, heldBack: new Uint8Array(0), ending } : nothing), ...lost };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** Ends a draft that became unsure: with the longest beginning that is sure, may stand, and is no mere lead-in. */
function cutToSure(draft: Draft, decoding: Decoding): Draft {
  const { doubt } = decoding;
  const healed = decoding.healed.length;
  for (let at: Draft | undefined = draft, next = ''; at && healed < at.text.length; at = at.previous) {
    const isWhole = !(WORD_END.test(at.text) && WORD_START.test(next)) && SAYS_SOMETHING.test(at.text);
    if (isWhole && doubt.isSure(at) && mayStop(at, at.text.length, decoding)) {
      return { ...at, heldBack: new Uint8Array(0), ending: 'uncertain' };
    }
    next = at.tokens.at(-1)!.text;
  }
  return { ...cutAt(draft, Math.min(healed, draft.text.length)), ending: 'uncertain' };
}

const WORD_END = /[\p{L}\p{N}_$]$/u;
const WORD_START = /^[\p{L}\p{N}_$]/u;
/** After an operator, a comma or an opening bracket something must come. */
const SAYS_SOMETHING = /[\p{L}\p{N}_$)\]}"'`;]$/u;

function leadingBlanks(text: string): number {
  return text.length - text.trimStart().length;
}
