/** How long a constraint's checks take: their share of a request's time, for the cost that is told. */
import { anything, type Constraint } from './constraint.js';

/** Adds up milliseconds. Mutable, and as long-lived as one request. */
export interface Stopwatch {
  readonly elapsedMs: () => number;
  readonly time: <T>(work: () => T) => T;
}

export function stopwatch(): Stopwatch {
  let elapsed = 0;
  return {
    elapsedMs: () => elapsed,
    time(work) {
      const start = performance.now();
      try {
        return work();
      } finally {
        elapsed += performance.now() - start;
      }
    },
  };
}

/** The same constraint; `watch` runs while it, or what becomes of it, judges a text or its end. */
export function timed(constraint: Constraint, watch: Stopwatch): Constraint {
  if (constraint === anything) return constraint;
  const { name, questions, spells } = constraint;
  return {
    name,
    questions,
    ...(spells === undefined ? {} : { spells }),
    after(text) {
      const next = watch.time(() => constraint.after(text));
      return next && timed(next, watch);
    },
    mayEnd: () => watch.time(() => constraint.mayEnd()),
    closed: () => watch.time(() => constraint.closed()),
    answered: (question, answer) => timed(constraint.answered(question, answer), watch),
  };
}
