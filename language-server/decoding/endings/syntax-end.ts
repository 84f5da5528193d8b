/** One statement, or the whole of a block that was just opened, by the grammar. */
import type { StatementWatch } from '../../../syntax/statement-end.js';
import type { Complete } from '../finish.js';

/** Where `written` completes a statement, or closes the block around the cursor. */
export function syntaxEnds(
  written: string,
  watch: StatementWatch,
  wanted: 'statement' | 'block',
): readonly Complete[] {
  // Statements end with their line, or with a sign; elsewhere no parse is spent.
  if (!/[;})\]\n]/.test(written)) return [];
  const { statement, block, last } = watch.completedIn(written);
  const ends: Complete[] = [];
  if (block !== undefined) ends.push({ ending: 'block', keep: block });
  if (wanted === 'statement') {
    if (statement !== undefined) ends.push({ ending: 'statement', keep: statement });
    // Where the first statement may not end the text, one that is complete at its end may.
    if (last) ends.push({ ending: 'statement', keep: written.trimEnd().length });
  }
  // Grammars accept an empty block after a colon; nobody wants one.
  return ends.filter(({ keep }) => keep > 0 && !written.slice(0, keep).trimEnd().endsWith(':'));
}
