/** The best choice of holes by trying all of them: what the dynamic program must agree with. */
import type { HolePlace } from '../../language-server/holes/hole-places.js';
import { costOf, inkOf, type HoleTree } from '../../language-server/holes/hole-tree.js';

/** The most visible characters that at most `most` disjoint places leave within the budget. */
export function mostKept(
  tree: HoleTree,
  places: readonly HolePlace[],
  most: number,
  budget: number,
): number | undefined {
  const whole = { start: 0, end: tree.text.length };
  let best: number | undefined;
  function choose(from: number, chosen: readonly HolePlace[]): void {
    const kept = inkOf(tree, whole) - chosen.reduce((sum, { ink }) => sum + ink, 0);
    const cost = costOf(tree, whole) - chosen.reduce((sum, place) => sum + place.cost, 0);
    if (cost <= budget + 1e-9 && (best === undefined || best < kept)) best = kept;
    if (chosen.length === most) return;
    for (let i = from; i < places.length; i++) {
      const place = places[i]!;
      if (chosen.every((other) => place.end <= other.start || other.end <= place.start))
        choose(i + 1, [...chosen, place]);
    }
  }
  choose(0, []);
  return best;
}
