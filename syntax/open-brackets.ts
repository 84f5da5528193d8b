/** Which brackets stand open at a place, by the leaves of a tree: brackets in strings and comments do not count. */
import type { Node } from './grammar-runtime.js';
import type { ParsedText } from './parsed-text.js';

export interface OpenBracket {
  readonly bracket: '(' | '[' | '{';
  readonly node: Node;
  /** The leaf before it. */
  readonly leafBefore: Node | undefined;
}

/** Text before the place that is looked at; an opener further away counts as none. */
const WINDOW = 4_000;
const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '${': '{', '#{': '{' };

/** The innermost bracket that is open at `offset`. */
export function openBracket({ tree }: ParsedText, offset: number): OpenBracket | undefined {
  const leaves: Node[] = [];
  collectLeaves(tree.rootNode, offset - WINDOW, offset, leaves);
  const closers: string[] = [];
  for (let i = leaves.length - 1; 0 <= i; i--) {
    const node = leaves[i]!;
    if (node.isNamed) continue;
    const { type } = node;
    if (type === ')' || type === ']' || type === '}') closers.push(PAIRS[type]!);
    const bracket = type === '(' || type === '[' || type === '{' ? type : PAIRS[type];
    if (type === ')' || type === ']' || type === '}' || bracket === undefined) continue;
    if (closers.at(-1) === bracket) closers.pop();
    else if (closers.length === 0) {
      return { bracket: bracket as OpenBracket['bracket'], node, leafBefore: leaves[i - 1] };
    }
  }
  return undefined;
}

/** Leaves that end in (from, to], in order; empty ones, which recovery made up, are left out. */
function collectLeaves(node: Node, from: number, to: number, into: Node[]): void {
  if (node.endIndex <= from || to <= node.startIndex) return;
  if (node.childCount === 0) {
    if (node.startIndex < node.endIndex && node.endIndex <= to) into.push(node);
    return;
  }
  for (const child of node.children) collectLeaves(child, from, to, into);
}
