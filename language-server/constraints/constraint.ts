/**
 * Constraints say what a text may still become.
 *
 * Grammars, monitors, token healing and schemas all speak to the decoder only through this type. It counts in
 * whole code points (the decoder holds back incomplete UTF-8) and has never heard of model tokens.
 */

/** A set of allowed continuations. A value: feeding it text returns another one, and forks share their past. */
export interface Constraint {
  /** What is allowed once `text` is written, or undefined when nothing that begins so is allowed. */
  after(text: string): Constraint | undefined;
  /** Whether the text may end here. Lazy, because joining with the text after the cursor costs about 0.5 ms. */
  mayEnd(): boolean;
  /** What the text so far has just completed, if anything: a natural place to stop. */
  closed(): Closed | undefined;
  /** Open questions. They must be answered (see `answered`) before further text is judged; until then, all is allowed. */
  readonly questions: readonly Question[];
  /** This constraint once `question` is answered. An answer that is late or unknown is `undefined`: do not constrain. */
  answered(question: Question, answer: unknown): Constraint;
  /** Who would refuse, in one word, for the trace: `syntax`, `members`, … */
  readonly name: string;
  /** Text that must come next, where it is fixed: lets the decoder look only at tokens that agree with it. */
  readonly spells?: string;
  /** Why it does not judge the name that begins here, for the trace. */
  readonly abstains?: string;
  /**
   * This constraint without what those named in `by` only believe; a constraint that is always right has none. Where
   * they leave so little probability that the model clearly means something else, the decoder goes on with this.
   */
  readonly released?: (by: ReadonlySet<string>) => Constraint;
  /** The two that both hold. */
  readonly parts?: readonly [Constraint, Constraint];
}

/** Of constraints that hold together, the one that refuses `text`. */
export function refuser(constraint: Constraint, text: string): Constraint {
  if (!constraint.parts) return constraint;
  const [left, right] = constraint.parts;
  return refuser(left.after(text) ? right : left, text);
}

export type Closed = 'statement' | 'block';

/** Something only an analysis server can answer. Plain data, since it crosses threads. */
export interface Question {
  /** Equal keys have equal answers within one document version. */
  readonly key: string;
  readonly kind: string;
  /** The text written since the cursor when the question arose. */
  readonly written: string;
}

/** Allows every text. */
export const anything: Constraint = {
  name: 'anything',
  questions: [],
  after: () => anything,
  mayEnd: () => true,
  closed: () => undefined,
  answered: () => anything,
};

/** What becomes of a constraint whose answers forbid what is written already: it allows nothing. */
export function refusing({ name, released }: Constraint): Constraint {
  const constraint: Constraint = {
    name,
    questions: [],
    after: () => undefined,
    mayEnd: () => false,
    closed: () => undefined,
    answered: () => constraint,
    ...(released && { released }),
  };
  return constraint;
}

/** Allows what both allow; carries the open questions of either side. */
export function both(left: Constraint, right: Constraint): Constraint {
  if (left === anything) return right;
  if (right === anything) return left;
  const spells = left.spells ?? right.spells;
  const abstains = [left.abstains, right.abstains].filter((why) => why !== undefined).join(', ');
  return {
    name: `${left.name}+${right.name}`,
    parts: [left, right],
    questions: [...left.questions, ...right.questions],
    ...(spells === undefined ? {} : { spells }),
    ...(abstains === '' ? {} : { abstains }),
    ...((left.released ?? right.released) && {
      released: (by) => both(left.released?.(by) ?? left, right.released?.(by) ?? right),
    }),
    after(text) {
      const l = left.after(text);
      const r = l && right.after(text);
      return l && r && both(l, r);
    },
    mayEnd: () => left.mayEnd() && right.mayEnd(),
    closed: () => left.closed() ?? right.closed(),
    answered: (question, answer) =>
      both(
        left.questions.includes(question) ? left.answered(question, answer) : left,
        right.questions.includes(question) ? right.answered(question, answer) : right,
      ),
  };
}
