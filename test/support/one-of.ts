/** A constraint that tests can see through: a list of texts. */
import type { Constraint } from '../../language-server/constraints/constraint.js';

/** Allows the beginnings of some texts, which may end where one of them ends. */
export function oneOf(texts: readonly string[], written = ''): Constraint {
  const constraint: Constraint = {
    name: 'list',
    questions: [],
    after(text) {
      const next = written + text;
      return texts.some((whole) => whole.startsWith(next)) ? oneOf(texts, next) : undefined;
    },
    mayEnd: () => texts.includes(written),
    closed: () => undefined,
    answered: () => constraint,
  };
  return constraint;
}
