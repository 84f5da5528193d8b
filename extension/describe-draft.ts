/** A draft as a row of a list: its text, how sure the model is of it, how long it is, and its holes. */
import type { OfferedDraft } from '../language-server/protocol.js';

const LONGEST_LABEL = 100;

export interface DraftRow {
  readonly label: string;
  readonly description: string;
}

export function describeDraft({ text, probability, tokens, holes }: OfferedDraft): DraftRow {
  const lines = text.split(/\r?\n/);
  const written = lines.filter((line) => line.trim() !== '');
  const first = (written[0] ?? '').trim();
  const label = first.length > LONGEST_LABEL ? `${first.slice(0, LONGEST_LABEL)}…` : first;
  const parts = [
    `${percent(probability)} likely`,
    counted(tokens, 'token'),
    ...(lines.length > 1 ? [counted(lines.length, 'line')] : []),
    ...(holes > 0 ? [counted(holes, 'hole')] : []),
  ];
  return { label: written.length > 1 ? `${label} …` : label, description: parts.join(' · ') };
}

/** Whole per cents, and never 0 for what is possible. */
function percent(share: number): string {
  return share < 0.01 ? '< 1 %' : `${Math.round(100 * share)} %`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
