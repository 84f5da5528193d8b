/** Ends drafts: where a rule finds the text complete, where a budget is spent, and never where it may not end. */
import type { Constraint } from '../constraints/constraint.js';
import type { Decoding } from './decode.js';
import type { Draft, Ending } from './draft.js';

/** Says whether a draft is complete, and how much of its text belongs to it. */
export type EndingRule = (draft: Draft) => Complete | undefined;

export interface Complete {
  readonly ending: Ending;
  /** Length of the text to keep, counted like `Draft.text`, in UTF-16 units. */
  readonly keep: number;
}

/** `draft`, ended if it has to be. A text that may not end where a rule wants it goes on. */
export function finish(draft: Draft, isLate: boolean, decoding: Decoding): Draft {
  if (draft.ending === 'dead-end' || draft.ending === 'uncertain')
    return cutBack(draft, draft.ending, decoding);
  if (draft.ending) return draft;
  const complete = decoding.endingRule(draft);
  if (complete?.ending === 'repetition') return cutBack(cutAt(draft, complete.keep), 'repetition', decoding);
  if (complete && constraintAt(draft, complete.keep)?.mayEnd()) {
    return { ...cutAt(draft, complete.keep), ending: complete.ending };
  }
  if (draft.tokens.length >= decoding.maxTokens) return cutBack(draft, 'length', decoding);
  if (isLate) return cutBack(draft, 'time', decoding);
  return draft;
}

/** What held after the first `length` units of the draft's text. */
function constraintAt(draft: Draft, length: number): Constraint | undefined {
  let at = draft;
  while (at.previous && at.text.length > length) at = at.previous;
  const rest = draft.text.slice(at.text.length, length);
  return rest === '' ? at.constraint : at.constraint.after(rest);
}

/** The draft with only so much text; its tokens keep what is left of theirs. */
function cutAt(draft: Draft, length: number): Draft {
  if (length >= draft.text.length) return draft;
  let at = draft;
  while (at.previous && at.previous.text.length >= length) at = at.previous;
  const constraint = constraintAt(draft, length) ?? draft.constraint;
  const start = at.previous?.text.length ?? 0;
  const tokens = at.tokens.map((token, index) =>
    index === at.tokens.length - 1 ? { ...token, text: draft.text.slice(start, length) } : token,
  );
  return { ...at, tokens, text: draft.text.slice(0, length), constraint, heldBack: new Uint8Array(0) };
}

/** Ends a draft that was interrupted: with the longest beginning that may stand where it is. */
function cutBack(draft: Draft, ending: Ending, { healed }: Decoding): Draft {
  let at: Draft | undefined = draft;
  while (at && at.text.length > healed.length) {
    if (at.constraint.mayEnd()) return { ...at, heldBack: new Uint8Array(0), ending };
    at = at.previous;
  }
  return { ...cutAt(draft, Math.min(healed.length, draft.text.length)), ending };
}
