/**
 * Every bargain worth making: for each amount of text given up, the least uncertainty that can remain.
 *
 * The prediction sets of Khakhar, Mell and Bastani ("PAC Prediction Sets for Large Language Models of Code", ICML
 * 2023, §4) keep as much of a draft as a budget allows with at most m subtrees removed. Their implementation asks a
 * MaxSAT solver. But subtrees are intervals of the text, and disjoint subtrees disjoint intervals, so the exact
 * dynamic program over the tree can run from left to right, as for choosing weighted intervals, and one run answers
 * for all budgets.
 */
import type { HolePlace } from './hole-places.js';
import { costOf, inkOf, type HoleTree } from './hole-tree.js';

/** One way of making holes. */
export interface Bargain {
  /** In the order of the text, disjoint. */
  readonly holes: readonly HolePlace[];
  /** Visible characters kept, and nats that remain in them. */
  readonly kept: number;
  readonly cost: number;
}

/** From the most kept to the least; each bargain costs less than all before it. */
export type TradeOff = readonly Bargain[];

/** Sums of the same numbers in another order differ by less. */
const ROUNDING = 1e-9;

/** All optimal choices of at most `most` of the places (`holePlaces`). O(places × most × characters). */
export function tradeOff(tree: HoleTree, places: readonly HolePlace[], most: number): TradeOff {
  const table = new Table(
    places.filter(({ cost }) => ROUNDING < cost),
    (offset) => tree.inkBefore[offset]!,
    most,
  );
  const whole = { start: 0, end: tree.text.length };
  const ink = inkOf(tree, whole);
  const cost = costOf(tree, whole);
  const bargains: Bargain[] = [];
  let saved = -Infinity;
  for (let removed = 0; removed <= ink; removed++) {
    const best = table.saved(removed);
    if (best <= saved + ROUNDING) continue;
    saved = best;
    bargains.push({
      // Read off only when asked for: a draft has hundreds of bargains, and one is shown.
      get holes() {
        return table.holes(removed);
      },
      kept: ink - removed,
      cost: Math.max(0, cost - saved),
    });
  }
  return bargains;
}

/** The bargain that keeps the most within a budget in nats; undefined only when there were no places at all. */
export function within(bargains: TradeOff, budget: number): Bargain | undefined {
  return bargains.find(({ cost }) => cost <= budget + ROUNDING);
}

/**
 * The most nats saved by at most h of the first i places with at most so many visible characters removed: a row for
 * each i and h, as long as there are characters up to the end of place i, and constant beyond.
 */
class Table {
  private readonly values: Float64Array;
  /** Where the rows of the first i places begin, and how many characters they know of. */
  private readonly starts: readonly number[];
  private readonly reaches: readonly number[];
  /** For each place, how many places end before it begins. */
  private readonly lefts: readonly number[];

  constructor(
    private readonly places: readonly HolePlace[],
    inkBefore: (offset: number) => number,
    private readonly most: number,
  ) {
    this.lefts = places.map(({ start }, i) => endingBy(places, start, i));
    this.reaches = [0, ...places.map(({ end }) => inkBefore(end))];
    const starts = [0];
    for (const reach of this.reaches) starts.push(starts.at(-1)! + most * (reach + 1));
    this.starts = starts;
    this.values = new Float64Array(starts.at(-1)!);
    for (let i = 1; i <= places.length; i++) for (let h = 1; h <= most; h++) this.fill(i, h);
  }

  saved(removed: number): number {
    return this.at(this.places.length, this.most, removed);
  }

  /** The holes that save that much, as few as will do. */
  holes(removed: number): readonly HolePlace[] {
    const goal = this.saved(removed);
    const holes: HolePlace[] = [];
    let i = this.places.length;
    let h = this.most;
    let ink = removed;
    while (0 < h && goal - ROUNDING <= this.at(i, h - 1, ink)) h--;
    while (0 < i && 0 < h) {
      if (this.at(i, h, ink) === this.at(i - 1, h, ink)) {
        i--;
        continue;
      }
      const place = this.places[i - 1]!;
      holes.unshift(place);
      ink -= place.ink;
      h--;
      i = this.lefts[i - 1]!;
    }
    return holes;
  }

  private fill(i: number, h: number): void {
    const { values } = this;
    const { ink, cost } = this.places[i - 1]!;
    const left = this.lefts[i - 1]!;
    const row = this.row(i, h);
    const reach = this.reaches[i]!;
    const without = this.row(i - 1, h);
    const reachWithout = this.reaches[i - 1]!;
    const beside = this.row(left, h - 1);
    const reachBeside = this.reaches[left]!;
    values.copyWithin(row, without, without + reachWithout + 1);
    values.fill(values[without + reachWithout]!, row + reachWithout + 1, row + reach + 1);
    const full = Math.min(reach, ink + reachBeside);
    for (let removed = ink; removed <= reach; removed++) {
      const taken = h === 1 ? cost : cost + values[beside + Math.min(removed, full) - ink]!;
      if (values[row + removed]! < taken) values[row + removed] = taken;
    }
  }

  private at(i: number, h: number, removed: number): number {
    return h === 0 ? 0 : this.values[this.row(i, h) + Math.min(removed, this.reaches[i]!)]!;
  }

  private row(i: number, h: number): number {
    return this.starts[i]! + (h - 1) * (this.reaches[i]! + 1);
  }
}

/** How many of the first `below` places, in their order, end at or before an offset. */
function endingBy(places: readonly HolePlace[], offset: number, below: number): number {
  let low = 0;
  let high = below;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]!.end <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
