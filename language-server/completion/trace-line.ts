/** One line for each request: enough to answer “why was there nothing?” and “why did it take so long?”. */
import type { Cost, ReadingCost, TraceEntry } from '../decoding/write-request.js';
import type { Mode } from './completion-context.js';
import type { Completions } from './complete.js';
import type { Position } from './document.js';
import type { Engine } from './engine.js';

/** Where a request was made. */
export interface Asked {
  readonly uri: string;
  readonly mode: Mode;
  /** As the client counts. */
  readonly position: Position;
  /** Unknown for a document that is not open. */
  readonly languageId: string | undefined;
}

export function traceLine(asked: Asked, completions: Completions, totalMs: number): string {
  const { line, character } = asked.position;
  const name = asked.uri.slice(asked.uri.lastIndexOf('/') + 1);
  const parts = [
    `${asked.mode} ${asked.languageId ?? 'unknown'} ${name}:${line + 1}:${character + 1}`,
    costOf(completions),
    outcomeOf(completions),
    `${Math.round(totalMs)} ms in all`,
  ];
  return parts.filter((part) => part !== '').join(' | ');
}

function costOf({ source, cost }: Completions): string {
  if (source !== 'model') return source === 'memory' ? 'from memory' : '';
  return describeCost(cost);
}

function describeCost(cost: Cost): string {
  return (
    `prompt ${cost.promptTokens} tokens, ${cost.reusedTokens} reused, ${Math.round(cost.promptMs)} ms | ` +
    `${cost.steps} steps, ${Math.round(cost.decodeMs)} ms` +
    describeGuesses(cost) +
    describeReading(cost.readAgain, 'reading again') +
    describeReading(cost.rescored, 'rescoring by')
  );
}

function describeGuesses({ speculated }: Cost): string {
  return speculated ? `, ${speculated.held} of ${speculated.guessed} guesses held` : '';
}

function describeReading(cost: ReadingCost | undefined, what: string): string {
  return cost ? `, ${Math.round(cost.ms)} of them for ${what} ${cost.tokens} tokens` : '';
}

function outcomeOf({ items, silence }: Completions): string {
  if (silence) return `quiet: ${silence.reason}`;
  const endings = items.map(({ draft }) => draft.ending).join(', ');
  return `${items.length} ${items.length === 1 ? 'item' : 'items'} (${endings})`;
}

/** The engine's state as a line of the log. */
export function describeEngine(engine: Engine): string {
  switch (engine.kind) {
    case 'loading':
      return `engine: loading ${engine.what}, ${Math.round(engine.fraction * 100)} %`;
    case 'ready':
      return `engine: ${engine.model.name} is ready on ${engine.model.device}`;
    case 'unavailable':
      return `engine: ${engine.problem} ${engine.remedy}`;
  }
}

/** An entry of the trace as a line for a reader. */
export function describeEntry(entry: TraceEntry): string {
  switch (entry.kind) {
    case 'refused':
      return `${entry.at}: ${JSON.stringify(entry.token)} (${percent(entry.probability)}) was refused by ${entry.by}`;
    case 'asked':
      return `${entry.at}: asked ${entry.question}, ${entry.answered ? 'answered' : 'no answer'} in ${Math.round(entry.ms)} ms`;
    case 'abstained':
      return `${entry.at}: a name begins that is not judged (${entry.why})`;
    case 'checked':
      return `checked ${JSON.stringify(entry.text)}: ${errorsAsWords(entry.errors)}`;
    case 'unchecked':
      return `not checked ${JSON.stringify(entry.text)}: ${entry.why}`;
    case 'removed':
      return `${entry.at}: constraints removed ${percent(entry.probability)} of the probability`;
    case 'backed-up':
      return `${entry.at}: backed up to token ${entry.to}: constraints had removed ${percent(entry.removed)} of the probability`;
    case 'rescored':
      return `${JSON.stringify(entry.text)} was cut back to ${JSON.stringify(entry.kept)}: what follows the cursor goes on better there, by ${entry.gained.toFixed(1)} nats`;
    case 'note':
      return entry.text;
  }
}

function errorsAsWords(errors: readonly string[]): string {
  return errors.length === 0 ? 'it brings no errors' : `it would bring ${errors.join('; ')}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
