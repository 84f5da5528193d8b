/**
 * Parse stacks that share their tails: the graph-structured stack of generalised LR parsing.
 *
 * Nodes are values, so a snapshot of all stacks is the list of their heads. Follows tree-sitter's stack.c, without
 * trees, error costs and error recovery.
 */

/** A state on a stack; where stacks that later became equal come together it has several links down. */
export interface StackNode {
  readonly state: number;
  /** Units read when it was pushed. */
  readonly position: number;
  readonly links: readonly StackNode[];
  /** The scanner's state when it was pushed. */
  readonly scanner: number;
}

/** One way of reading the text so far. Its position runs ahead of its node's by blanks and comments. */
export interface Head {
  readonly node: StackNode;
  readonly position: number;
  readonly scanner: number;
}

/** Ways of reading kept at once. C++ needed 11 on 240 real files, others 4; tree-sitter itself keeps 6. */
const MOST_HEADS = 64;
/** Ways down considered by one reduction. */
const MOST_PATHS = 64;

const bottom: StackNode = { state: 1, position: 0, links: [], scanner: 0 };

/** Nothing read yet: tree-sitter's start state is 1. */
export const start: Head = { node: bottom, position: 0, scanner: 0 };

export function push(below: StackNode, state: number, position: number, scanner: number): Head {
  return { node: { state, position, links: [below], scanner }, position, scanner };
}

/** Adds a head, merged with the one that stands in the same state at the same place if there is one. */
export function add(heads: Head[], head: Head): void {
  if (!mergeInto(heads, head) && heads.length < MOST_HEADS) heads.push(head);
}

/** Merges `head` into an equal one among `heads`; false when there is none. */
export function mergeInto(heads: Head[], head: Head): boolean {
  for (let i = 0; i < heads.length; i++) {
    const other = heads[i]!;
    if (
      other.position !== head.position ||
      other.node.state !== head.node.state ||
      other.scanner !== head.scanner
    ) {
      continue;
    }
    if (other.node !== head.node) heads[i] = { ...other, node: merge(other.node, head.node) };
    return true;
  }
  return false;
}

/** The nodes `count` links below. */
export function below(node: StackNode, count: number): readonly StackNode[] {
  const found: StackNode[] = [];
  collect(node, count, found);
  return found;
}

function collect(node: StackNode, count: number, found: StackNode[]): void {
  if (count === 0) {
    if (found.length < MOST_PATHS && !found.includes(node)) found.push(node);
    return;
  }
  for (const link of node.links) collect(link, count - 1, found);
}

function merge(a: StackNode, b: StackNode): StackNode {
  if (a === b) return a;
  const links = a.links.slice();
  for (const link of b.links) {
    const same = links.findIndex(
      (l) => l === link || (l.state === link.state && l.position === link.position),
    );
    if (same < 0) links.push(link);
    else links[same] = merge(links[same]!, link);
  }
  return { ...a, links };
}
