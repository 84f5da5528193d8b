/** Answers “why was there no suggestion?” in sentences. */
import type { Explanation } from '../protocol.js';
import type { Completions } from './complete.js';
import type { CompletionContext } from './completion-context.js';
import { describeCost, describeEntry, traceLine } from './trace-line.js';

/** The last request, as far as it matters for an explanation. */
export interface Report {
  readonly context: CompletionContext;
  readonly completions: Completions;
  readonly totalMs: number;
}

export function explain(report: Report | undefined): Explanation {
  if (!report) return { text: 'No suggestion has been asked for yet.', trace: [] };
  const { completions, context, totalMs } = report;
  const trace = [
    traceLine(context, completions, totalMs),
    ...(completions.source === 'model' ? [describeCost(completions.cost)] : []),
    ...completions.trace.map(describeEntry),
  ];
  return { text: summary(report), trace };
}

function summary({ completions, context, totalMs }: Report): string {
  const asked = context.mode === 'automatic' ? 'while typing' : 'by a command';
  const { items, silence, source } = completions;
  if (silence) return `Asked ${asked}, Candor offered nothing. ${silence.detail} (${silence.reason})`;
  const from = source === 'memory' ? 'from memory' : `in ${Math.round(totalMs)} ms`;
  const count = items.length === 1 ? 'a suggestion' : `${items.length} suggestions`;
  return `Asked ${asked}, Candor offered ${count} ${from}.`;
}
