/**
 * Watches the first name of a draft while it is written freely: one that monitors know to be wrong ends it early, so
 * that what follows it is not written in vain. The question is asked before the model has read the prompt.
 */
import { refuser, type Constraint } from '../constraints/constraint.js';
import type { Answers } from './answers.js';
import type { Draft } from './draft.js';
import type { Monitoring, NewError } from './monitoring.js';

/** Letters and digits of names: what stands after them decides on the name. */
const NAME_PART = /[\p{L}\p{N}_$#]/u;

export interface WrongName {
  readonly draft: Draft;
  readonly error: NewError;
}

/** Follows one draft. Mutable; owned by one decoding. */
export class FirstName {
  /** The name, once it is known to be wrong. */
  wrong: WrongName | undefined;
  private constraint: Constraint | undefined;
  private draft: Draft | undefined;
  /** What has been read of the draft. */
  private text = '';
  private isWaiting = false;

  /**
   * @param initial what holds from the beginning of the draft on.
   * @param healed length of the text before the cursor that the draft spells once more.
   */
  constructor(
    private readonly initial: Constraint,
    private readonly healed: number,
    private readonly monitoring: Monitoring,
    private readonly answers: Answers,
  ) {
    this.startOver();
  }

  /** The draft is so long now; or it has gone back, and goes on otherwise. */
  see(draft: Draft): void {
    // One that is ended for its name is cut, too: it was right to end it.
    if (this.wrong) return;
    this.draft = draft;
    if (!draft.text.startsWith(this.text)) this.startOver();
    this.readOn();
  }

  private startOver(): void {
    this.text = '';
    this.constraint = this.initial;
    this.isWaiting = false;
    this.settle();
  }

  private readOn(): void {
    const { draft } = this;
    while (draft && this.constraint && !this.isWaiting && this.text.length < draft.text.length) {
      const unit = draft.text[this.text.length]!;
      const next = this.constraint.after(unit);
      if (!next) {
        this.refuse(draft, refuser(this.constraint, unit).name);
        return;
      }
      const isOver = this.healed <= this.text.length && !NAME_PART.test(unit);
      this.text += unit;
      this.constraint = isOver ? undefined : next;
      this.settle();
    }
  }

  /** Answers what is asked up to the cursor, and leaves all else open. */
  private settle(): void {
    const { constraint, monitoring } = this;
    const [question] = constraint?.questions ?? [];
    if (!constraint || !question) return;
    if (this.healed < this.text.length || !monitoring.isAskedAhead(question)) {
      this.constraint = constraint.answered(question, undefined);
      this.settle();
      return;
    }
    this.isWaiting = true;
    void this.answers.meanwhile(question, 0).then((answer) => {
      // It may have started over since.
      if (this.constraint !== constraint) return;
      this.isWaiting = false;
      // What has been written meanwhile is read after this.
      this.constraint = constraint.answered(question, answer);
      this.settle();
      this.readOn();
    });
  }

  private refuse(draft: Draft, by: string): void {
    this.constraint = undefined;
    let start = this.text.length;
    while (this.healed < start && NAME_PART.test(draft.text[start - 1]!)) start--;
    let end = this.text.length;
    while (end < draft.text.length && NAME_PART.test(draft.text[end]!)) end++;
    const name = draft.text.slice(start, end);
    if (name === '') return;
    const message = `${JSON.stringify(name)} is refused by ${by}`;
    this.wrong = { draft, error: { start: start - this.healed, end: end - this.healed, message } };
  }
}
