/** The part of a parsed text that lies inside a draft, as plain data: nodes, lexemes, and whether it parsed. */
import type { ParsedText } from './parsed-text.js';

/** Offsets count from where the draft begins. */
export interface DraftNode {
  readonly kind: string;
  readonly named: boolean;
  readonly start: number;
  readonly end: number;
  /** Index of the nearest node around it that lies inside the draft too; -1: none does. */
  readonly parent: number;
}

export interface DraftTree {
  readonly text: string;
  /** Nodes that lie wholly inside the draft and are not empty, each after its parent. */
  readonly nodes: readonly DraftNode[];
  /** Leaves, cut off where the draft is, in their order. They cover all but blanks. */
  readonly lexemes: readonly { readonly start: number; readonly end: number }[];
  /** Whether the parser had to repair anything that touches the draft. */
  readonly broken: boolean;
}

/** The tree over `parsed.text.slice(start, end)`. */
export function draftTree(parsed: ParsedText, start: number, end: number): DraftTree {
  const nodes: DraftNode[] = [];
  const lexemes: { start: number; end: number }[] = [];
  let broken = false;
  const cursor = parsed.tree.walk();

  function visit(parent: number): void {
    const from = Math.max(cursor.startIndex, start) - start;
    const to = Math.min(cursor.endIndex, end) - start;
    if (cursor.nodeIsMissing || cursor.nodeType === 'ERROR') broken = true;
    if (to <= from) return;
    const inside = start <= cursor.startIndex && cursor.endIndex <= end;
    if (inside)
      nodes.push({ kind: cursor.nodeType, named: cursor.nodeIsNamed, start: from, end: to, parent });
    const index = inside ? nodes.length - 1 : parent;
    const covered = lexemes.length;
    let at = from;
    if (cursor.gotoFirstChild()) {
      do {
        const childEnd = cursor.endIndex - start;
        if (childEnd < 0 || end < cursor.startIndex) continue;
        fillGap(at, Math.min(cursor.startIndex - start, to));
        visit(index);
        at = Math.max(at, childEnd);
      } while (cursor.gotoNextSibling());
      cursor.gotoParent();
    }
    if (lexemes.length === covered) lexemes.push({ start: from, end: to });
    else fillGap(at, to);
  }

  /** Text of a node that none of its children holds, as in some grammars' strings. */
  function fillGap(from: number, to: number): void {
    const gap = parsed.text.slice(start + from, start + Math.max(from, to));
    if (gap.trim() === '') return;
    const lead = gap.length - gap.trimStart().length;
    lexemes.push({ start: from + lead, end: from + gap.trimEnd().length });
  }

  visit(-1);
  cursor.delete();
  return {
    text: parsed.text.slice(start, end),
    nodes,
    lexemes: lexemes.filter(({ start, end }) => start < end),
    broken,
  };
}
