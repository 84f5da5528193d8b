/** Stacks on their way through the text after the cursor, over the errors that it has. */
import { Run, lastInLine } from './advance.js';
import type { Head } from './parse-stack.js';
import type { Prefix } from './prefix.js';
import { insertMissing, repair } from './repair.js';
import { tail } from './text-chain.js';

export interface Suffix {
  readonly text: string;
  /** Having read this much counts as having read all; infinite when the text is whole. */
  readonly end: number;
  /** Where stacks are shown to the visitor. */
  readonly marks: readonly number[];
}

export const MOST_ERRORS = 4;

export interface Visitor {
  /** All stacks have come to a mark. */
  atMark(heads: readonly Head[], mark: number): 'go on' | 'stop';
  /** All stacks have died there, in units of the suffix. */
  atError(position: number, deaths: readonly Head[]): 'go on' | 'put in what is missing' | 'stop';
}

/** Runs stacks, which have read `prefix`, through the suffix, over its errors. */
export function walkSuffix(
  prefix: Prefix,
  heads: readonly Head[],
  { text, end, marks }: Suffix,
  visitor: Visitor,
): void {
  const { grammar } = prefix.language;
  const start = prefix.text.length;
  let list = heads.slice();
  let run = new Run(grammar);
  let deaths: Head[] = [];
  let mark = 0;
  let errors = 0;
  grammar.buffer.show(prefix.text, text);
  for (;;) {
    const slowest = lastInLine(list);
    const head = list[slowest];
    if (!head) {
      const wish = visitor.atError(deaths[0]!.position - start, deaths);
      if (wish === 'stop' || MOST_ERRORS < ++errors) return;
      const whole = tail(prefix.text) + text;
      const missing = wish === 'go on' ? undefined : insertMissing(prefix.language, whole, deaths);
      const repaired = missing ?? repair(prefix.language, whole, deaths);
      if (!repaired) return;
      list = [repaired];
      run = new Run(grammar);
      deaths = [];
      continue;
    }
    while (mark < marks.length && start + marks[mark]! <= head.position) {
      if (visitor.atMark(list, mark) === 'stop') return;
      mark++;
    }
    if (start + end <= head.position) return;
    list = list.toSpliced(slowest, 1);
    const others = list.length;
    run.step(head, list);
    if (run.accepted) return;
    if (list.length === others) deaths = [...deaths.filter((death) => head.position <= death.position), head];
  }
}
