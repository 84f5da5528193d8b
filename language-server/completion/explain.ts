/** Answers “why was there no suggestion?” in sentences. */
import type { Explanation } from '../protocol.js';
import type { Completions } from './complete.js';
import type { Mode } from './completion-context.js';
import { describeEntry } from './trace-line.js';

/** The last request, as far as it matters for an explanation. */
export interface Report {
  readonly mode: Mode;
  readonly completions: Completions;
  readonly totalMs: number;
  /** Its trace line. */
  readonly line: string;
}

export function explain(report: Report | undefined): Explanation {
  if (!report) return { text: 'No suggestion has been asked for yet.', trace: [] };
  return { text: summary(report), trace: [report.line, ...report.completions.trace.map(describeEntry)] };
}

function summary({ completions, mode, totalMs }: Report): string {
  const asked = mode === 'automatic' ? 'while typing' : 'by a command';
  const { items, silence, source } = completions;
  if (silence) return `Asked ${asked}, Candor offered nothing. ${silence.detail} (${silence.reason})`;
  const from = source === 'memory' ? 'from memory' : `in ${Math.round(totalMs)} ms`;
  const count = items.length === 1 ? 'a suggestion' : `${items.length} suggestions`;
  return `Asked ${asked}, Candor offered ${count} ${from}.`;
}
