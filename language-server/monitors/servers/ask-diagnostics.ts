/**
 * What a finished draft makes worse: the errors of the program with it, less those of the program without it. A line
 * that is being written can hide what stands after it from the server, which then finds more wrong once the line ends:
 * where the program without the draft has errors of syntax, those that it has without the whole line are left out too.
 */
import type { Diagnostics, ProgramQuestion, Unknown } from '../questions.js';
import { causeOf } from './misplaced-errors.js';
import { textWith } from './asked-place.js';
import type { SpeculativeProgram } from './asked-place.js';
import { countedFrom, newOnes, type Insertion } from './new-errors.js';
import { ERROR, type ServerDiagnostic } from './read-diagnostics.js';
import type { ServerSession } from './server-session.js';

/** The errors of a program without drafts; asked once for all that are compared with it. */
export type Baseline = (
  program: SpeculativeProgram,
  session: ServerSession,
) => Promise<readonly ServerDiagnostic[] | undefined>;

export async function askDiagnostics(
  { written }: ProgramQuestion,
  program: SpeculativeProgram,
  baseline: Baseline,
  session: ServerSession,
): Promise<Diagnostics | Unknown> {
  const before = await baseline(program, session);
  if (!before) return { unknown: 'the server does not say what is wrong' };
  const { without, lineBefore, lineAfter } = lineOf(program);
  // Asked while the model writes, and once for each line.
  const elsewhere = mayHide(before, session) ? await baseline(without, session) : undefined;
  if (written === '') return { added: [] };
  const whole = textWith({ ...program, closers: '' }, written);
  const now = await session.diagnostics(whole);
  if (!now) return { unknown: 'the server does not say what is wrong' };
  const draft = insertionInto(program, written);
  const line = insertionInto(without, lineBefore + written + lineAfter);
  const fresh = newOnes(newOnes(now, before, draft), elsewhere ?? [], line);
  const unfinished = session.row.unfinished ?? [];
  const counted = countedFrom(fresh, draft).filter(({ code = '' }) => !unfinished.includes(code));
  return {
    added: counted.map((error) => {
      const about = session.row.misplaced?.(error);
      return about ? { ...error, ...causeOf(error, about, written, lineBefore) } : error;
    }),
  };
}

/** Whether the server may not have understood all of the program. */
function mayHide(errors: readonly ServerDiagnostic[], { row }: ServerSession): boolean {
  return errors.some(
    ({ severity = ERROR, code }) => severity === ERROR && row.isOfSyntax?.(code?.toString()) === true,
  );
}

function insertionInto({ before, after }: SpeculativeProgram, inserted: string): Insertion {
  return { text: before + after, offset: before.length, inserted };
}

/** The line of the cursor, without its end, and the program without it. */
function lineOf(program: SpeculativeProgram) {
  const { before, after } = program;
  const start = before.lastIndexOf('\n') + 1;
  const [lineAfter] = after.split('\n', 1) as [string];
  return {
    lineBefore: before.slice(start),
    lineAfter,
    without: { ...program, before: before.slice(0, start), after: after.slice(lineAfter.length) },
  };
}
