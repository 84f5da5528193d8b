/** What a finished draft makes worse: the errors of the program with it, less those of the program without it. */
import type { Diagnostics, ProgramQuestion, Unknown } from '../questions.js';
import { causeOf } from './argument-errors.js';
import { textWith } from './asked-place.js';
import type { SpeculativeProgram } from './asked-place.js';
import { addedDiagnostics } from './new-errors.js';
import type { ServerDiagnostic } from './read-diagnostics.js';
import type { ServerSession } from './server-session.js';

/** The errors of the program as it stands; asked once for all drafts of a request. */
export type Baseline = (session: ServerSession) => Promise<readonly ServerDiagnostic[] | undefined>;

export async function askDiagnostics(
  { written }: ProgramQuestion,
  program: SpeculativeProgram,
  baseline: Baseline,
  session: ServerSession,
): Promise<Diagnostics | Unknown> {
  const before = await baseline(session);
  if (!before) return { unknown: 'the server does not say what is wrong' };
  if (written === '') return { added: [] };
  const whole = textWith({ ...program, closers: '' }, written);
  const now = await session.diagnostics(whole);
  if (!now) return { unknown: 'the server does not say what is wrong' };
  const text = program.before + program.after;
  const added = addedDiagnostics(now, before, { text, offset: program.before.length, inserted: written });
  const unfinished = session.row.unfinished ?? [];
  const counted = added.filter(({ code }) => code === undefined || !unfinished.includes(code));
  return {
    added: counted.map((error) => {
      const about = session.row.argumentError?.(error);
      return about ? { ...error, ...causeOf(error, about, written) } : error;
    }),
  };
}
