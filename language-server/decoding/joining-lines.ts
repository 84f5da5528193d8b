/** After which of its lines a draft might have ended: where what is shown of it may be cut. */
import { constraintAt } from './cut.js';
import type { Draft } from './draft.js';
import { withoutReturn } from './endings/line-end.js';

/**
 * Numbers of lines after `healed` units with which the draft joins with the text after the cursor, fewest first; not
 * that of the whole draft.
 */
export function joiningLines(draft: Draft, healed: number): readonly number[] {
  const joining: number[] = [];
  let lines = 0;
  for (let end = draft.text.indexOf('\n', healed); 0 <= end; end = draft.text.indexOf('\n', end + 1)) {
    lines++;
    const keep = Math.max(healed, withoutReturn(draft.text, end));
    if (constraintAt(draft, keep)?.mayEnd()) joining.push(lines);
  }
  return joining;
}
