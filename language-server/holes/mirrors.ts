/** Places that say the same as a hole, and must go on saying the same when it is filled. */
import type { HolePlace } from './hole-places.js';
import type { HoleNode, HoleTree, Span } from './hole-tree.js';

/** A hole and the later places that repeat it: whatever is filled in stands in all of them. */
export interface Hole {
  readonly place: HolePlace;
  readonly mirrors: readonly Span[];
}

/** Whether a name stands in the text before the draft. */
export type NameTest = (name: string) => boolean;

/** Kinds of nodes that hold words of people, not of the program. */
const spelled = /string|comment|content|fragment|text/;
const literals = new Set(['true', 'false', 'null', 'undefined', 'True', 'False', 'None', 'this', 'self']);

/**
 * Groups equal holes, and finds the mirrors of each. Two rules:
 *
 * - Holes with the same expression in them, one with a name in it, are one hole and its mirrors.
 * - A hole where the draft introduces a name takes along all later uses of it: the model was sure of those only
 *   because it had chosen the name itself. A name that is known before the draft is a choice at each place anew.
 */
export function mirrorsOf(tree: HoleTree, places: readonly HolePlace[], isKnown: NameTest): readonly Hole[] {
  const holes: { place: HolePlace; mirrors: Span[] }[] = [];
  for (const place of places) {
    const same = holes.find((hole) => place.form === 'node' && isSameExpression(tree, hole.place, place));
    if (same) same.mirrors.push({ start: place.start, end: place.end });
    else holes.push({ place, mirrors: [] });
  }
  const taken: Span[] = [...places];
  for (const { place, mirrors } of holes) {
    if (place.form !== 'node' || !isName(tree, place) || isKnown(textAt(tree, place))) continue;
    const uses = usesAfter(tree, place).filter((use) => taken.every((other) => isApart(use, other)));
    mirrors.push(...uses);
    taken.push(...uses);
  }
  return holes.map(({ place, mirrors }) => ({ place, mirrors: mirrors.sort((a, b) => a.start - b.start) }));
}

/** Whether a name stands in a text as a word of its own. */
export function namesIn(text: string): NameTest {
  const known = new Set(text.match(/[\p{L}\p{N}_$]+/gu));
  return (name) => known.has(name);
}

/** Literals that are equal are so by chance. */
function isSameExpression(tree: HoleTree, one: HolePlace, other: HolePlace): boolean {
  const text = textAt(tree, one);
  if (one.kind !== other.kind || text !== textAt(tree, other)) return false;
  return /^[\p{L}_$]/u.test(text) && !literals.has(text) && !spelled.test(one.kind);
}

function usesAfter(tree: HoleTree, place: HolePlace): readonly Span[] {
  const name = textAt(tree, place);
  return tree.nodes
    .filter((node) => place.end <= node.start && isName(tree, node) && textAt(tree, node) === name)
    .map(({ start, end }) => ({ start, end }));
}

/** A node may be known by what is around it (`expression_statement`), so its text decides as well. */
function isName(tree: HoleTree, node: Pick<HoleNode, 'kind' | 'start' | 'end'>): boolean {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(textAt(tree, node)) && !spelled.test(node.kind);
}

function isApart(one: Span, other: Span): boolean {
  return one.end <= other.start || other.end <= one.start;
}

function textAt({ text }: HoleTree, { start, end }: Span): string {
  return text.slice(start, end);
}
