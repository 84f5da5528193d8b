/**
 * Whether a text, ended where it is, makes an error-free file together with what stands after the cursor.
 *
 * The stacks of the text run on through the suffix. They need not run to its end: as soon as they stand, at the start
 * of some line, as the stacks of the file without the text stood there, all the rest reads alike. That also settles
 * files whose suffix has errors of its own: from there on they are the same errors.
 */
import { missingClosers } from './missing-closers.js';
import type { Head, StackNode } from './parse-stack.js';
import type { Prefix } from './prefix.js';
import { MOST_ERRORS, walkSuffix, type Suffix } from './walk-suffix.js';

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
      const read = known;
      return read.closed.some((closed) => joins(prefix, closed, read));
    },
  };
}

/** How the file reads with nothing written. */
interface Baseline {
  /**
   * The text after the cursor with what the end of the file leaves open closed: all of it, and all but the innermost,
   * which the written text may close itself.
   */
  readonly closed: readonly Suffix[];
  /** The stacks at each mark, as far as marks were reached. */
  readonly stacks: readonly (readonly Head[])[];
  /** Where in the suffix its own errors are. */
  readonly ownErrors: ReadonlySet<number>;
  /** Where the suffix begins. */
  readonly origin: number;
}

function readBaseline(prefix: Prefix, after: Suffix): Baseline {
  const closers = after.end === Infinity ? missingClosers(prefix, after) : [];
  const closed = Array.from({ length: closers.length + 1 }, (_, left) => ({
    ...after,
    text: [after.text, ...closers.slice(left)].join('\n'),
  }));
  const stacks: (readonly Head[])[] = [];
  const errors: number[] = [];
  walkSuffix(prefix, prefix.heads, closed[0]!, {
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
  // Nor are errors at the end the file's own: what it leaves open is closed by now.
  const own = errors.slice(1).filter((position) => after.text.slice(Math.max(0, position)).trim() !== '');
  return { closed, stacks, ownErrors: new Set(own), origin: prefix.text.length };
}

function joins(prefix: Prefix, after: Suffix, { stacks, ownErrors, origin }: Baseline): boolean {
  const shift = prefix.text.length - origin;
  let joined = true;
  walkSuffix(prefix, prefix.heads, after, {
    atMark(heads, mark) {
      const before = stacks[mark];
      return before && areAlike(heads, before, shift) ? 'stop' : 'go on';
    },
    atError(position) {
      joined = ownErrors.has(position);
      return joined ? 'go on' : 'stop';
    },
  });
  return joined;
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
