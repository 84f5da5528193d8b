/** Drafts that were checked, and which of them is the better one. */
import type { Decoded } from './decode.js';
import { isWhole, likelihoodOf, type Draft } from './draft.js';
import type { NewError } from './monitoring.js';
import type { Checking } from './write-anew.js';

export interface Checked {
  readonly draft: Draft;
  /** Undefined when nobody could say. */
  readonly errors?: readonly NewError[] | undefined;
  /** How much of it is right, blanks aside: the more the better. What nobody could judge comes after what is clean. */
  readonly right: number;
}

/** Right for longest first, the likeliest among equals; none that is known to bring errors beside one that brings none. */
export function ranked(decoded: Decoded, checked: readonly Checked[]): Decoded {
  const isAnyClean = checked.some(({ errors }) => errors?.length === 0);
  const shown = isAnyClean ? checked.filter((one) => !isWrong(one)) : checked;
  const sorted = [...shown].sort(
    (a, b) => rightForLongest(a, b) || likelihoodOf(b.draft) - likelihoodOf(a.draft),
  );
  return { ...decoded, drafts: sorted.map(({ draft }) => draft) };
}

/** Leaves equals in their order. */
export function rightForLongest(a: Checked, b: Checked): number {
  return a.right === b.right ? 0 : b.right - a.right;
}

export function isWrong({ errors }: Checked): boolean {
  return errors !== undefined && errors.length > 0;
}

/** After an error that lies behind a draft, a longer one is not the better one. */
const RIGHT_TO_ITS_END = Number.MAX_SAFE_INTEGER;

/** Counts from the cursor on; negative where something before it goes wrong. */
export function checkedAs(
  draft: Draft,
  errors: readonly NewError[] | undefined,
  { decoding }: Checking,
): Checked {
  if (!errors) return { draft, right: Number.MAX_VALUE };
  const [first] = errors;
  if (!first || first.start < 0) return { draft, errors, right: first?.start ?? Infinity };
  const text = draft.text.slice(decoding.healed.length);
  if (text.length <= first.start) return { draft, errors, right: RIGHT_TO_ITS_END };
  return { draft, errors, right: text.slice(0, first.start).replaceAll(/\s+/g, '').length };
}

/** Whether a text written anew is the better one: right for longer, and no mere piece that is wrong as well. */
export function isBetter(one: Checked, other: Checked): boolean {
  return one.right > other.right && (!isWrong(one) || isWhole(one.draft));
}

/** A text that breaks more than what it was to replace: wrong from where it was written anew, and right nowhere. */
export function brokenFrom(kept: Draft, draft: Draft, { decoding }: Checking): Checked {
  const message = 'It leaves more of the syntax broken.';
  const { length } = decoding.healed;
  decoding.trace({ kind: 'checked', text: draft.text.slice(length), errors: [message] });
  const error = { start: kept.text.length - length, end: draft.text.length - length, message };
  return { draft, errors: [error], right: -Infinity };
}
