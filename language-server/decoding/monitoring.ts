/** What decoding knows of monitors: constraints and questions that the composition root passes in. */
import type { Constraint, Question } from '../constraints/constraint.js';

export interface Monitoring {
  /** What analysis servers can say about a text, from before `lead` on. */
  readonly constraint: (place: MonitoredPlace) => Constraint;
  /** A question about a program whose cursor is moved to the end of `written`, as one about the program itself. */
  readonly moved: (question: Question, written: string) => Question;
  /** Whether a question at the cursor is worth asking before anything is known to be wrong. */
  readonly isAskedAhead: (question: Question) => boolean;
  /** Asks which errors a finished draft brings. */
  readonly check: (written: string) => Question;
  /** What the answer says. */
  readonly verdict: (answer: unknown) => Verdict;
}

export interface MonitoredPlace {
  readonly languageId: string;
  /** The text up to the cursor. */
  readonly before: string;
  readonly after: string;
  /** The end of `before` that is written anew (token healing). */
  readonly lead: string;
}

/** New errors, the first one first; or why nobody could say. */
export type Verdict =
  { readonly errors: readonly NewError[] } | { readonly errors?: undefined; readonly why: string };

/** Offsets count from the cursor, in UTF-16 units; they may lie before it, or behind the draft. */
export interface NewError {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}
