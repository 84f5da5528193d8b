/** A constraint that is held to even where it leaves little: what it refuses is known to be wrong here. */
import type { Constraint } from './constraint.js';

/** The same without `released`. */
export function insisted(constraint: Constraint): Constraint {
  if (!constraint.released) return constraint;
  const { name, questions, spells, abstains, parts } = constraint;
  return {
    name,
    questions,
    ...(spells !== undefined && { spells }),
    ...(abstains !== undefined && { abstains }),
    ...(parts && { parts: [insisted(parts[0]), insisted(parts[1])] as const }),
    after(text) {
      const next = constraint.after(text);
      return next && insisted(next);
    },
    mayEnd: () => constraint.mayEnd(),
    closed: () => constraint.closed(),
    answered: (question, answer) => insisted(constraint.answered(question, answer)),
  };
}
