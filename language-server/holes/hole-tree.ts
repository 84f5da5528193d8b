/** A draft as a tree whose nodes have a price: what is uncertain in it, and where holes may be. */
import type { DraftTree } from '../../syntax/draft-tree.js';
import { isBlank } from './character-costs.js';

/** A stretch of the draft; offsets in UTF-16 units, `start <= x && x < end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface HoleNode extends Span {
  readonly kind: string;
  /** Index of the node around it; -1 for the draft itself, which is node 0. */
  readonly parent: number;
  /** Nats of the characters that no child owns. */
  readonly ownCost: number;
}

export interface HoleTree {
  readonly text: string;
  /** Named nodes, each after its parent; of nodes with the same span only the outermost. Node 0 is the draft. */
  readonly nodes: readonly HoleNode[];
  readonly lexemes: readonly Span[];
  /** Nats and visible characters before each offset: the price of a span is a difference. */
  readonly costBefore: Float64Array;
  readonly inkBefore: Uint32Array;
}

/** Why a draft has no tree to put holes in. */
export type NoTree = 'does-not-parse' | 'no-log-probabilities' | 'no-text';

/** `costs` are nats for each character of the draft (`characterCosts`). */
export function holeTree(draft: DraftTree, costs: Float64Array | undefined): HoleTree | NoTree {
  if (draft.text.trim() === '') return 'no-text';
  if (costs?.length !== draft.text.length) return 'no-log-probabilities';
  if (draft.broken) return 'does-not-parse';
  const costBefore = new Float64Array(costs.length + 1);
  const inkBefore = new Uint32Array(costs.length + 1);
  for (let i = 0; i < costs.length; i++) {
    costBefore[i + 1] = costBefore[i]! + costs[i]!;
    inkBefore[i + 1] = inkBefore[i]! + (isBlank(draft.text[i]!) ? 0 : 1);
  }
  return {
    text: draft.text,
    nodes: priced(draft, costBefore),
    lexemes: draft.lexemes,
    costBefore,
    inkBefore,
  };
}

/** Nats of all characters in a span. */
export function costOf(tree: HoleTree, { start, end }: Span): number {
  return tree.costBefore[end]! - tree.costBefore[start]!;
}

/** Visible characters in a span: text kept and text removed are counted in these. */
export function inkOf(tree: HoleTree, { start, end }: Span): number {
  return tree.inkBefore[end]! - tree.inkBefore[start]!;
}

function priced({ text, nodes }: DraftTree, costBefore: Float64Array): readonly HoleNode[] {
  const price = ({ start, end }: Span): number => costBefore[end]! - costBefore[start]!;
  const kept: { kind: string; start: number; end: number; parent: number; ownCost: number }[] = [
    { kind: 'draft', start: 0, end: text.length, parent: -1, ownCost: price({ start: 0, end: text.length }) },
  ];
  /** Where each node of the draft went: itself, or the kept node around it. */
  const homes: number[] = [];
  for (const node of nodes) {
    const parent = node.parent < 0 ? 0 : homes[node.parent]!;
    const span = withoutBlankEnds(text, node);
    const around = kept[parent]!;
    const isSame = 0 < parent && around.start === span.start && around.end === span.end;
    if (!node.named || isSame || span.end <= span.start) {
      homes.push(parent);
      continue;
    }
    homes.push(kept.length);
    kept.push({ kind: node.kind, ...span, parent, ownCost: price(span) });
    around.ownCost -= price(span);
  }
  return kept;
}

function withoutBlankEnds(text: string, { start, end }: Span): Span {
  const piece = text.slice(start, end);
  return { start: start + piece.length - piece.trimStart().length, end: start + piece.trimEnd().length };
}
