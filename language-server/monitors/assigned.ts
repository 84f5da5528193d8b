/** A name that comes to be by an assignment: what must follow it. */
import { anything, type Constraint } from '../constraints/constraint.js';

/** `=`, a type, or another target. `==` compares, and `+=` changes what there must be. */
const assignment = /^[ \t]*(?:[:,]|=[^=])/;
const beginning = /^[ \t]*=?$/;

/** Holds after the name, until it is plain that it is assigned to. `following` is the text after the cursor. */
export function assigned(name: string, following: string): Constraint {
  return since(name, following, '');
}

/** Whether a text goes on with an assignment to what stands before it. */
export function isAssigned(text: string): boolean {
  return assignment.test(text);
}

function since(name: string, following: string, written: string): Constraint {
  const constraint: Constraint = {
    name,
    questions: [],
    after(text) {
      const more = written + text;
      if (assignment.test(more)) return anything;
      return beginning.test(more) ? since(name, following, more) : undefined;
    },
    mayEnd: () => isAssigned(written + following),
    closed: () => undefined,
    answered: () => constraint,
  };
  return constraint;
}
