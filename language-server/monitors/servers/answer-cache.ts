/** Answers that hold as long as no text and no file has changed: the same place in the same program is asked once. */

/** How many answers are kept: a few keystrokes' worth. */
const MOST = 64;

interface Kept {
  readonly key: string;
  readonly before: string;
  readonly after: string;
  readonly answer: Promise<unknown>;
}

export class AnswerCache {
  private kept: Kept[] = [];

  /** The answer to `key` where the text around the place is the same; asks when none is kept. */
  get<T>(key: string, before: string, after: string, ask: () => Promise<T>): Promise<T> {
    const known = this.kept.find((one) => one.key === key && one.before === before && one.after === after);
    if (known) return known.answer as Promise<T>;
    const answer = ask();
    const entry = { key, before, after, answer };
    this.kept = [entry, ...this.kept.slice(0, MOST - 1)];
    return answer;
  }

  /** Drops an answer that says nothing, so that it is asked for again. */
  drop(answer: Promise<unknown>): void {
    this.kept = this.kept.filter((one) => one.answer !== answer);
  }

  forget(): void {
    this.kept = [];
  }
}
