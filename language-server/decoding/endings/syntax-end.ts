/** One statement, or the whole of a block that was just opened, by the grammar. */
import type { StatementWatch } from '../../../syntax/statement-end.js';
import type { Complete } from '../finish.js';

/**
 * Where `written` completes a statement, or closes the block around the cursor. `lead` stands between where the watch
 * begins and the cursor.
 */
export function syntaxEnds(
  written: string,
  lead: string,
  watch: StatementWatch,
  wanted: 'statement' | 'block',
): readonly Complete[] {
  // Statements end with their line, or with a sign; elsewhere no parse is spent.
  if (!/[;})\]\n]/.test(written)) return [];
  const { statement, block, last } = watch.completedIn(lead + written);
  const ends: Complete[] = [];
  if (block !== undefined) ends.push({ ending: 'block', keep: block - lead.length });
  if (wanted === 'statement') {
    if (statement !== undefined) ends.push({ ending: 'statement', keep: statement - lead.length });
    // Where the first statement may not end the text, one that is complete at its end may.
    if (last) ends.push({ ending: 'statement', keep: written.trimEnd().length });
  }
  // Grammars accept an empty block after a colon; nobody wants one.
  return ends.filter(({ keep }) => keep > 0 && !written.slice(0, keep).trimEnd().endsWith(':'));
}
