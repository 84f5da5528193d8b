/** After which of its lines a draft might have ended: where what is shown of it may be cut. */
import { mayStop, type Stopping } from './cut.js';
import type { Draft } from './draft.js';
import { withoutReturn } from './endings/line-end.js';

/**
 * Numbers of lines after the healed text with which the draft joins with the text after the cursor, fewest first; not
 * that of the whole draft.
 */
export function joiningLines(draft: Draft, stopping: Stopping): readonly number[] {
  const healed = stopping.healed.length;
  const joining: number[] = [];
  let lines = 0;
  for (let end = draft.text.indexOf('\n', healed); 0 <= end; end = draft.text.indexOf('\n', end + 1)) {
    lines++;
    const keep = Math.max(healed, withoutReturn(draft.text, end));
    if (mayStop(draft, keep, stopping)) joining.push(lines);
  }
  return joining;
}
