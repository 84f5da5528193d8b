/** What a change has made worse: the errors of a text that the text without the change does not have. */
import type { Diagnostic } from '../questions.js';
import { ERROR, WARNING, type ServerDiagnostic } from './read-diagnostics.js';
import { offsetAt } from './text-change.js';

/** Text put into another at an offset. */
export interface Insertion {
  /** The text without it. */
  readonly text: string;
  readonly offset: number;
  readonly inserted: string;
}

/**
 * Those of `now` that come with an insertion. One that says the same at the same place, before the insertion or after
 * it, was there already.
 */
export function newOnes(
  now: readonly ServerDiagnostic[],
  before: readonly ServerDiagnostic[],
  { text, offset, inserted }: Insertion,
): readonly ServerDiagnostic[] {
  const whole = text.slice(0, offset) + inserted + text.slice(offset);
  const known = new Map<string, number>();
  for (const diagnostic of before) {
    const start = offsetAt(text, diagnostic.range.start) - offset;
    const key = keyOf(diagnostic, start < 0 ? start : start + inserted.length);
    known.set(key, (known.get(key) ?? 0) + 1);
  }
  return now.filter((diagnostic) => {
    if ((diagnostic.severity ?? ERROR) > WARNING) return false;
    const key = keyOf(diagnostic, offsetAt(whole, diagnostic.range.start) - offset);
    const left = known.get(key) ?? 0;
    known.set(key, left - 1);
    return left <= 0;
  });
}

/** As answers have them: offsets count from where the text was put in. */
export function countedFrom(
  diagnostics: readonly ServerDiagnostic[],
  { text, offset, inserted }: Insertion,
): readonly Diagnostic[] {
  const whole = text.slice(0, offset) + inserted + text.slice(offset);
  return diagnostics.map(({ severity = ERROR, message, code, range }) => {
    const [start, end] = [offsetAt(whole, range.start) - offset, offsetAt(whole, range.end) - offset];
    const word = severity === ERROR ? 'error' : 'warning';
    return { start, end, severity: word, message, ...(code !== undefined && { code: String(code) }) };
  });
}

function keyOf({ severity = ERROR, code, message }: ServerDiagnostic, start: number): string {
  return `${start} ${severity} ${code} ${message}`;
}

/** Whether an error lies on a made-up name, or names it. */
export function isRefused(diagnostics: readonly ServerDiagnostic[], name: string, text: string): boolean {
  const start = text.lastIndexOf(name);
  return diagnostics.some(({ severity = ERROR, range, message }) => {
    const isOver = offsetAt(text, range.start) < start + name.length && start < offsetAt(text, range.end);
    return severity === ERROR && isOver && (message.includes(name) || isNarrow(range));
  });
}

export function errorsIn(diagnostics: readonly ServerDiagnostic[]): number {
  return diagnostics.filter(({ severity = ERROR }) => severity === ERROR).length;
}

/** Whether an error points at a word, not at a whole construct. */
function isNarrow({ start, end }: ServerDiagnostic['range']): boolean {
  return start.line === end.line && end.character - start.character < 64;
}
