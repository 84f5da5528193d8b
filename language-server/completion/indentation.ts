/** How a file indents: with tabs or spaces, and how wide a step is. */

export interface Indentation {
  readonly kind: 'tabs' | 'spaces';
  /** Columns of one step; for tabs, the columns that a tab stands for. */
  readonly width: number;
}

/** What most editors assume when a file does not tell. */
const unknown: Indentation = { kind: 'spaces', width: 4 };

/** Text looked at on each side of the cursor: enough lines to tell, and never slow. */
const LOOKED_AT = 8_000;

/** Judges by the lines around the cursor: tabs or spaces by majority, the width by the commonest step inwards. */
export function detectIndentation(before: string, after: string): Indentation {
  const lines = `${before.slice(-LOOKED_AT)}${after.slice(0, LOOKED_AT)}`.split('\n');
  let tabs = 0;
  let spaces = 0;
  const steps = new Map<number, number>();
  let previous = 0;
  for (const line of lines) {
    const lead = /^[ \t]*/.exec(line)![0];
    if (lead.length === line.length) continue;
    if (lead.startsWith('\t')) tabs++;
    else if (lead.startsWith('  ')) spaces++;
    const step = lead.length - previous;
    if (!lead.includes('\t') && 2 <= step && step <= 8) steps.set(step, (steps.get(step) ?? 0) + 1);
    previous = lead.length;
  }
  if (spaces < tabs) return { kind: 'tabs', width: 4 };
  const [commonest] = [...steps].sort(([, a], [, b]) => b - a);
  return commonest ? { kind: 'spaces', width: commonest[0] } : unknown;
}

/** Columns that a run of blanks covers. */
export function columnsOf(lead: string, { width }: Indentation): number {
  let columns = 0;
  for (const blank of lead)
    columns = blank === '\t' ? (Math.floor(columns / width) + 1) * width : columns + 1;
  return columns;
}

/** So many columns, written as the file writes them. */
export function indent(columns: number, { kind, width }: Indentation): string {
  if (kind === 'spaces') return ' '.repeat(columns);
  return '\t'.repeat(Math.floor(columns / width)) + ' '.repeat(columns % width);
}
