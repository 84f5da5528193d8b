/**
 * What a finished draft makes worse: the errors of the program with it, less those of the program without it; and less
 * those of the program without the whole line. A line that is being written can hide what stands after it from the
 * server, and what is wrong there is not the fault of the draft that ends the line.
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
  if (written === '') return { added: [] };
  const whole = textWith({ ...program, closers: '' }, written);
  const now = await session.diagnostics(whole);
  if (!now) return { unknown: 'the server does not say what is wrong' };
  const draft = insertionInto(program, written);
  let fresh = newOnes(now, before, draft);
  if (fresh.some(({ severity = ERROR }) => severity === ERROR)) {
    const { without, lineBefore, lineAfter } = lineOf(program);
    const isBegun = lineBefore.trim() + lineAfter.trim() !== '';
    const elsewhere = isBegun ? await baseline(without, session) : undefined;
    fresh = newOnes(fresh, elsewhere ?? [], insertionInto(without, lineBefore + written + lineAfter));
  }
  const added = countedFrom(fresh, draft);
  const unfinished = session.row.unfinished ?? [];
  const counted = added.filter(({ code }) => code === undefined || !unfinished.includes(code));
  return {
    added: counted.map((error) => {
      const about = session.row.misplaced?.(error);
      return about ? { ...error, ...causeOf(error, about, written) } : error;
    }),
  };
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
