/** Simpler ways to choose holes, for comparison: greedy removal of leaves, and a plain threshold without a guarantee. */
import { holePlaces, type HolePlace } from './hole-places.js';
import { costOf, inkOf, type HoleTree } from './hole-tree.js';
import type { Bargain, TradeOff } from './trade-off.js';

/**
 * The baseline of Khakhar, Mell and Bastani (2023, §5): remove the costliest leaf, again and again; a node whose
 * children are all gone is a leaf. A leaf that would make one hole too many is passed over, and when none is left the
 * whole draft goes.
 */
export function greedyTradeOff(tree: HoleTree, most: number): TradeOff {
  const places = holePlaces(tree, 'nodes');
  const whole = places.find(({ start, end }) => start === 0 && end === tree.text.length)!;
  const bargains: Bargain[] = [bargainOf(tree, [])];
  let holes: readonly HolePlace[] = [];
  for (;;) {
    const grown = leavesOf(places, holes)
      .map((leaf) => [...holes.filter((hole) => !isIn(hole, leaf)), leaf])
      .filter((next) => next.length <= most)
      .map((next) => bargainOf(tree, next));
    const [best] = grown.sort((a, b) => a.cost - b.cost);
    if (!best || bargains.at(-1)!.cost <= best.cost) break;
    bargains.push(best);
    holes = best.holes;
  }
  return [...bargains, bargainOf(tree, [whole])];
}

/**
 * Holes wherever a lexeme is less likely than `least`: the smallest node around it that may be a hole. Beyond `most`
 * holes, everything from the last one on goes. One bargain: there is no budget, and nothing is promised.
 */
export function thresholdBargain(tree: HoleTree, least: number, most: number): Bargain {
  const places = holePlaces(tree, 'both');
  const nodes = places.filter(({ form }) => form === 'node');
  const tails = places.filter(({ end }) => end === tree.text.length);
  const chosen = tree.lexemes
    .filter((lexeme) => -Math.log(least) < costOf(tree, lexeme))
    .map((lexeme) => smallest(nodes, lexeme) ?? smallest(tails, lexeme)!);
  const holes = maximal(chosen);
  if (holes.length <= most) return bargainOf(tree, holes);
  const tail = smallest(tails, holes[most - 1]!)!;
  return bargainOf(tree, [...holes.slice(0, most - 1).filter((hole) => !isIn(hole, tail)), tail]);
}

/** Places with no smaller place in them that is not removed yet. */
function leavesOf(places: readonly HolePlace[], holes: readonly HolePlace[]): readonly HolePlace[] {
  const open = places.filter((place) => !holes.some((hole) => isIn(place, hole)));
  return open.filter((place) => !open.some((other) => other !== place && isIn(other, place)));
}

function bargainOf(tree: HoleTree, holes: readonly HolePlace[]): Bargain {
  const whole = { start: 0, end: tree.text.length };
  return {
    holes: [...holes].sort((a, b) => a.start - b.start),
    kept: inkOf(tree, whole) - holes.reduce((sum, { ink }) => sum + ink, 0),
    cost: Math.max(0, costOf(tree, whole) - holes.reduce((sum, { cost }) => sum + cost, 0)),
  };
}

function smallest(
  places: readonly HolePlace[],
  { start, end }: { readonly start: number; readonly end: number },
): HolePlace | undefined {
  return places
    .filter((place) => place.start <= start && end <= place.end)
    .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
}

function maximal(places: readonly HolePlace[]): readonly HolePlace[] {
  const distinct = [...new Set(places)];
  return distinct
    .filter((place) => !distinct.some((other) => other !== place && isIn(place, other)))
    .sort((a, b) => a.start - b.start);
}

function isIn(inner: HolePlace, outer: HolePlace): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
