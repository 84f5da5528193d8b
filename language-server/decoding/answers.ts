/** Answers to what constraints ask: each question once, and none waited for beyond its deadline. */
import { refuser, type Constraint, type Question } from '../constraints/constraint.js';
import type { TraceEntry } from './write-request.js';

/** Puts a question to whoever knows. An answer of undefined means: do not constrain. */
export type Ask = (question: Question) => Promise<unknown>;

/** Nobody is there to ask. */
export const askNobody: Ask = () => Promise.resolve(undefined);

export type Settled = { readonly allowed: Constraint } | { readonly refusedBy: Constraint };

/** Rounds of questions that answers may raise in turn, before the constraint goes unanswered. */
const MOST_ROUNDS = 8;

/** How long one request has stood still for want of answers; waits that overlap count once. */
export class Waiting {
  ms = 0;
  private waiters = 0;
  private since = 0;

  async during<T>(answer: Promise<T>): Promise<T> {
    if (this.waiters++ === 0) this.since = performance.now();
    try {
      return await answer;
    } finally {
      if (--this.waiters === 0) this.ms += performance.now() - this.since;
    }
  }
}

export interface Asking {
  readonly ask: Ask;
  /** How long an answer is waited for. */
  readonly deadlineMs: number;
  readonly trace: (entry: TraceEntry) => void;
}

/** How some constraints of a request have their questions put: otherwise than they raise them, and how long. */
interface Putting {
  readonly put: (question: Question) => Question;
  /** Nobody waits for an answer any more. */
  readonly over: Promise<void>;
}

/** The answers of one request: equal keys are asked once. */
export class Answers {
  readonly waiting: Waiting;
  private readonly known: Map<string, Promise<unknown>>;

  /** @param from shares what has been answered, and the waiting. */
  constructor(
    private readonly asking: Asking,
    from?: Answers,
    private readonly putting?: Putting,
  ) {
    this.waiting = from?.waiting ?? new Waiting();
    this.known = from?.known ?? new Map<string, Promise<unknown>>();
  }

  /**
   * For constraints whose questions have to be `put` otherwise; what has been answered stays known. Nobody waits for an
   * answer once it is `over`.
   */
  thatPut(put: Putting['put'], over: Promise<void>): Answers {
    return new Answers(this.asking, this, { put, over });
  }

  /** Begins to ask what `constraint` wants to know, so that the answers are there when they are needed. */
  prefetch(constraint: Constraint, at: number): void {
    for (const question of constraint.questions) void this.meanwhile(question, at);
  }

  /** The constraint with its questions answered; or who refuses, when the answers forbid what is already written. */
  async settle(constraint: Constraint, at: number): Promise<Settled> {
    let settled = constraint;
    for (let round = 0; settled.questions.length > 0 && round < MOST_ROUNDS; round++) {
      for (const question of settled.questions)
        settled = settled.answered(question, await this.of(question, at));
    }
    const allowed = settled.after('');
    return allowed ? { allowed } : { refusedBy: refuser(settled, '') };
  }

  /** The answer, which is waited for; undefined when nobody knows, not in time, or once it is over. */
  of(question: Question, at: number): Promise<unknown> {
    const answer = this.meanwhile(question, at);
    return this.waiting.during(this.putting ? Promise.race([answer, this.putting.over]) : answer);
  }

  /** The same for whoever goes on meanwhile, so that it counts as no waiting, and comes even when all is over. */
  meanwhile(raised: Question, at: number): Promise<unknown> {
    const question = this.putting?.put(raised) ?? raised;
    const known = this.known.get(question.key) ?? this.askInTime(question, at);
    this.known.set(question.key, known);
    return known;
  }

  private async askInTime(question: Question, at: number): Promise<unknown> {
    const { ask, deadlineMs, trace } = this.asking;
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, deadlineMs, undefined);
    });
    const answer = await Promise.race([ask(question).catch(() => undefined), late]);
    clearTimeout(timer);
    const ms = performance.now() - start;
    trace({ kind: 'asked', at, question: question.key, ms, answered: answer !== undefined });
    return answer;
  }
}
