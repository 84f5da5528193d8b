/**
 * Whether a text, ended where it is, makes an error-free file together with what stands after the cursor.
 *
 * The stacks of the text run on through the suffix. They need not run to its end: as soon as they stand, at the start
 * of some line, as the stacks of the file without the text stood there, all the rest reads alike. That also settles
 * files whose suffix has errors of its own: from there on they are the same errors.
 */
import { Run, lastInLine } from './advance.js';
import type { Head, StackNode } from './parse-stack.js';
import type { Prefix } from './prefix.js';
import { insertMissing, repair } from './repair.js';
import { tail } from './text-chain.js';

export interface SuffixJoin {
  /** No error after `prefix`, or none but those that the file has anyway. */
  joins(prefix: Prefix): boolean;
}

/** Text after the cursor that is read; errors further away count as the file's own. */
const WINDOW = 1 << 16;
/** What is shown beyond the window, so that its last lexeme is whole. */
const MARGIN = 1 << 12;
/** Lines of the suffix at which stacks are compared. */
const MOST_MARKS = 400;
const MOST_ERRORS = 4;

/** @param baseline the text before the cursor with nothing written yet. */
export function suffixJoin(baseline: Prefix, suffix: string): SuffixJoin {
  const after: Suffix = {
    text: suffix.slice(0, WINDOW + MARGIN),
    end: suffix.length <= WINDOW + MARGIN ? Infinity : WINDOW,
    marks: lineStarts(suffix.slice(0, WINDOW)),
  };
  let known: Baseline | undefined;
  return {
    joins(prefix) {
      known ??= readBaseline(baseline, after);
      return joins(prefix, after, known);
    },
  };
}

interface Suffix {
  readonly text: string;
  /** Having read this much counts as having read all; infinite when the text is whole. */
  readonly end: number;
  readonly marks: readonly number[];
}

/** How the file reads with nothing written. */
interface Baseline {
  /** The stacks at each mark, as far as marks were reached. */
  readonly stacks: readonly (readonly Head[])[];
  /** Where in the suffix its own errors are. */
  readonly ownErrors: ReadonlySet<number>;
  /** Where the suffix begins. */
  readonly origin: number;
}

function readBaseline(prefix: Prefix, after: Suffix): Baseline {
  const stacks: (readonly Head[])[] = [];
  const errors: number[] = [];
  walk(prefix, after, {
    atMark(heads) {
      stacks.push(heads);
      return 'go on';
    },
    atError(position) {
      errors.push(position);
      if (MOST_ERRORS <= errors.length) return 'stop';
      // The first error is taken to be the unfinished code at the cursor, which the text has to finish.
      return errors.length === 1 ? 'put in what is missing' : 'go on';
    },
  });
  return { stacks, ownErrors: new Set(errors.slice(1)), origin: prefix.text.length };
}

function joins(prefix: Prefix, after: Suffix, { stacks, ownErrors, origin }: Baseline): boolean {
  const shift = prefix.text.length - origin;
  let joined = true;
  walk(prefix, after, {
    atMark(heads, mark) {
      const before = stacks[mark];
      return before && areAlike(heads, before, shift) ? 'stop' : 'go on';
    },
    atError(position) {
      joined = ownErrors.has(position) && !(position <= 0 && leavesBracketOpen(tail(prefix.text, shift)));
      return joined ? 'go on' : 'stop';
    },
  });
  return joined;
}

/**
 * Whether what was written opens more brackets than it closes. At an end of the file that leaves brackets open anyway,
 * stacks cannot tell whose they are. Counted by characters: a bracket in a string only makes the draft go on.
 */
function leavesBracketOpen(written: string): boolean {
  let open = 0;
  for (const character of written) {
    if ('([{'.includes(character)) open++;
    else if (')]}'.includes(character) && 0 < open) open--;
  }
  return 0 < open;
}

interface Visitor {
  /** All stacks have come to a mark. */
  atMark(heads: readonly Head[], mark: number): 'go on' | 'stop';
  /** All stacks have died there, in units of the suffix. */
  atError(position: number): 'go on' | 'put in what is missing' | 'stop';
}

/** Runs a prefix's stacks through the suffix, over its errors. */
function walk(prefix: Prefix, { text, end, marks }: Suffix, visitor: Visitor): void {
  const { grammar } = prefix.language;
  const start = prefix.text.length;
  let list = prefix.heads.slice();
  let run = new Run(grammar);
  let deaths: Head[] = [];
  let mark = 0;
  let errors = 0;
  grammar.buffer.show(prefix.text, text);
  for (;;) {
    const slowest = lastInLine(list);
    const head = list[slowest];
    if (!head) {
      const wish = visitor.atError(deaths[0]!.position - start);
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

function lineStarts(text: string): readonly number[] {
  const starts: number[] = [];
  for (let at = text.indexOf('\n'); 0 <= at && starts.length < MOST_MARKS; at = text.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

/** Whether two lists of stacks read all that follows alike, `shift` units apart. */
function areAlike(heads: readonly Head[], others: readonly Head[], shift: number): boolean {
  return (
    heads.length === others.length &&
    heads.every((head) =>
      others.some(
        (other) =>
          head.position === other.position + shift &&
          head.scanner === other.scanner &&
          isSameStack(head.node, other.node),
      ),
    )
  );
}

/** Nodes that both stacks share end the comparison: whatever lies below them is one. */
function isSameStack(a: StackNode, b: StackNode): boolean {
  let left = a;
  let right = b;
  while (left !== right) {
    if (left.state !== right.state || left.links.length !== right.links.length) return false;
    for (let i = 1; i < left.links.length; i++) {
      if (!isSameStack(left.links[i]!, right.links[i]!)) return false;
    }
    if (left.links.length === 0) return true;
    left = left.links[0]!;
    right = right.links[0]!;
  }
  return true;
}
