/** Calibrating on one half of the places and looking at the other, many times over. */
import { binomialUpperTail } from '../../../language-server/holes/binomial-bound.js';
import {
  budgets,
  calibrate,
  keptShare,
  type Outcome,
  type Promised,
} from '../../../language-server/holes/calibrate.js';
import { shuffled, type Random } from '../random.js';

/** A place with the package it came from; packages are not independent of themselves. */
export interface GroupedOutcome extends Outcome {
  readonly group: string;
  /** Nodes of the suggestion, and those kept at each budget. */
  readonly allNodes: number;
  readonly keptNodes: readonly number[];
}

export interface Split<Place = GroupedOutcome> {
  readonly calibration: readonly Place[];
  readonly test: readonly Place[];
}

/** What many splits say together. Shares are means over splits; where no budget was found nothing is shown. */
export interface Tally {
  readonly splits: number;
  /** Share of splits in which the test half refutes risk <= ε at the 5 % level. */
  readonly rejected: number;
  /** Share of splits in which the risk on the test half is above ε. */
  readonly violated: number;
  /** Share of splits in which a budget was found at all. */
  readonly attained: number;
  readonly kept: number;
  readonly nodes: number;
  readonly risk: number;
}

export function splitPlaces<Place>(places: readonly Place[], random: Random): Split<Place> {
  const order = shuffled(places, random);
  const half = Math.floor(order.length / 2);
  return { calibration: order.slice(0, half), test: order.slice(half) };
}

/** Whole packages on either side. `single`: one place of each package to calibrate on, so that they are independent. */
export function splitPackages(places: readonly GroupedOutcome[], single: boolean, random: Random): Split {
  const groups = shuffled([...new Set(places.map(({ group }) => group))], random);
  const first = new Set(groups.slice(0, Math.floor(groups.length / 2)));
  const calibration = shuffled(
    places.filter(({ group }) => first.has(group)),
    random,
  );
  const seen = new Set<string>();
  const independent = calibration.filter(({ group }) => !seen.has(group) && seen.add(group));
  return {
    calibration: single ? independent : calibration,
    test: places.filter(({ group }) => !first.has(group)),
  };
}

export function tally(splits: readonly Split[], promised: Promised): Tally {
  const results = splits.map(({ calibration, test }) => {
    const found = calibrate(calibration, promised);
    if (found.kind !== 'budget' || test.length === 0)
      return { attained: 0, mistakes: 0, n: test.length, kept: 0, nodes: 0 };
    const mistakes = test.filter(({ wrong }) => wrong[found.index]).length;
    const allNodes = test.reduce((sum, one) => sum + one.allNodes, 0);
    const keptNodes = test.reduce((sum, one) => sum + one.keptNodes[found.index]!, 0);
    const nodes = allNodes === 0 ? 0 : keptNodes / allNodes;
    return { attained: 1, mistakes, n: test.length, kept: keptShare(test, found.index), nodes };
  });
  const mean = (of: (one: (typeof results)[number]) => number): number =>
    results.reduce((sum, one) => sum + of(one), 0) / results.length;
  const { epsilon } = promised;
  return {
    splits: results.length,
    rejected: mean(({ mistakes, n }) => (binomialUpperTail(mistakes, n, epsilon) <= 0.05 ? 1 : 0)),
    violated: mean(({ mistakes, n }) => (epsilon * n < mistakes ? 1 : 0)),
    attained: mean(({ attained }) => attained),
    kept: mean(({ kept }) => kept),
    nodes: mean(({ nodes }) => nodes),
    risk: mean(({ mistakes, n }) => (n === 0 ? 0 : mistakes / n)),
  };
}

/** A place at which nothing was offered. */
export function silentOutcome(group: string): GroupedOutcome {
  const zeros = budgets.map(() => 0);
  return { group, ink: 0, kept: zeros, wrong: budgets.map(() => false), allNodes: 0, keptNodes: zeros };
}
