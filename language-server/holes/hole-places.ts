/** Where a hole may be: a whole node, or everything from some lexeme on. */
import { costOf, inkOf, type HoleTree, type Span } from './hole-tree.js';

/**
 * `node`: one syntax node. `tail`: the rest of the draft, from the beginning of a lexeme; the first tail is the
 * whole draft, so a hole can always be had.
 */
export interface HolePlace extends Span {
  readonly form: 'node' | 'tail';
  /** Kind of the node; of a tail, `tail`. */
  readonly kind: string;
  /** Visible characters that the hole removes, and nats that it saves. */
  readonly ink: number;
  readonly cost: number;
}

/** Which holes are looked at: both forms, or only one of them for comparison. */
export type HoleForms = 'both' | 'nodes' | 'tail';

/** By their ends, then from wide to narrow. A tail that is also a node is listed as the node. */
export function holePlaces(tree: HoleTree, forms: HoleForms): readonly HolePlace[] {
  const places = [
    ...(forms === 'tail' ? [] : nodePlaces(tree)),
    ...tailPlaces(tree).filter((_, i) => forms !== 'nodes' || i === 0),
  ];
  const byStart = new Map<string, HolePlace>();
  for (const place of places) {
    const key = `${place.start} ${place.end}`;
    if (!byStart.has(key)) byStart.set(key, place);
  }
  return [...byStart.values()].sort((a, b) => a.end - b.end || a.start - b.start);
}

function nodePlaces(tree: HoleTree): readonly HolePlace[] {
  return tree.nodes
    .slice(1)
    .filter(({ kind, start, end }) => isFillable(kind, tree.text.slice(start, end)))
    .map((node) => placeAt(tree, node, 'node', node.kind));
}

function tailPlaces(tree: HoleTree): readonly HolePlace[] {
  const starts = [0, ...tree.lexemes.slice(1).map(({ start }) => start)];
  return starts.map((start) => placeAt(tree, { start, end: tree.text.length }, 'tail', 'tail'));
}

function placeAt(tree: HoleTree, span: Span, form: HolePlace['form'], kind: string): HolePlace {
  return { form, kind, start: span.start, end: span.end, ink: inkOf(tree, span), cost: costOf(tree, span) };
}

/** Quotes and dots are nodes in some grammars, but nothing that a person would fill in. */
function isFillable(kind: string, text: string): boolean {
  if (/_(start|end)$/.test(kind)) return false;
  return /[\p{L}\p{N}]/u.test(text) || /^[[({].*[\])}]$/su.test(text);
}
