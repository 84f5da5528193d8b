/** Drafts cut back: with the beginning of their text alone, as if no more had been written. */
import type { Constraint } from '../constraints/constraint.js';
import type { Draft } from './draft.js';

/** What held after the first `length` units of the draft's text. */
export function constraintAt(draft: Draft, length: number): Constraint | undefined {
  let at = draft;
  while (at.previous && at.text.length > length) at = at.previous;
  const rest = draft.text.slice(at.text.length, length);
  return rest === '' ? at.constraint : at.constraint.after(rest);
}

/** What says whether a text may be handed out as it is. */
export interface Stopping {
  /** Text before the cursor that drafts spell once more. */
  readonly healed: string;
  /** Whether a text at the cursor would bring an error to a file that has some. */
  readonly worsens?: ((written: string) => boolean) | undefined;
}

/**
 * Whether the draft may end after `length` units of its text: where it joins with what follows, and leaves a file that
 * has errors with no more of them. The grammar knows the first; the second takes a parse of the file, and is asked last.
 */
export function mayStop(draft: Draft, length: number, { healed, worsens }: Stopping): boolean {
  if (!constraintAt(draft, length)?.mayEnd()) return false;
  return length <= healed.length || !worsens?.(draft.text.slice(healed.length, length));
}

/** The draft with only so much text; its tokens keep what is left of theirs. */
export function cutAt(draft: Draft, length: number): Draft {
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
