/** What else the model would put in a hole, by its other drafts. */
import type { PartialProgram } from './partial-program.js';

/** More entries than this are a list to read, not a choice. */
const MOST = 3;

/**
 * For each hole the other texts that drafts have in it, likeliest first as the drafts are, where the rest of the
 * draft is the same. Holes that repeat, hold several lines or are tails have none.
 */
export function alternativesOf(
  program: PartialProgram,
  drafts: readonly string[],
): readonly (readonly string[])[] {
  const { text } = program;
  return program.holes.map(({ place, mirrors }) => {
    if (place.form === 'tail' || 0 < mirrors.length) return [];
    const before = text.slice(0, place.start);
    const after = text.slice(place.end);
    const said = text.slice(place.start, place.end);
    const others = drafts
      .filter((draft) => before.length + after.length < draft.length)
      .filter((draft) => draft.startsWith(before) && draft.endsWith(after))
      .map((draft) => draft.slice(before.length, draft.length - after.length))
      .filter((other) => other !== said && other.trim() !== '' && !other.includes('\n'));
    return [...new Set(others)].slice(0, MOST - 1);
  });
}
