/** Monitors for the decode loop: what it is given to hold drafts to, and to check them with. */
import type { Question } from './constraints/constraint.js';
import type { Monitoring } from './decoding/monitoring.js';
import { moved } from './monitors/moved.js';
import { isDiagnostics, isUnknown, questionAt, type ProgramQuestion } from './monitors/questions.js';
import { monitorsFor } from './monitors/monitors-for.js';

export const monitoring: Monitoring = {
  constraint: monitorsFor,
  // All questions of monitors are about programs.
  moved: (question: Question, written) => moved(question as ProgramQuestion, written),
  isAskedAhead: ({ kind }) => kind === 'members',
  check: (written) => questionAt('diagnostics', { written, back: 0, closers: '' }),
  verdict(answer) {
    if (!isDiagnostics(answer)) return { why: isUnknown(answer) ? answer.unknown : 'no answer in time' };
    const errors = answer.added.filter(({ severity }) => severity === 'error');
    return { errors: errors.sort((a, b) => a.start - b.start) };
  },
};
