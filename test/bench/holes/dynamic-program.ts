/** The choice of holes by itself: against brute force, and how long it takes for drafts of about 200 nodes. */
import { holePlaces } from '../../../language-server/holes/hole-places.js';
import { costOf, holeTree, type HoleTree } from '../../../language-server/holes/hole-tree.js';
import { tradeOff, within } from '../../../language-server/holes/trade-off.js';
import { mostKept } from '../../holes/brute-force.js';
import { randomDraft } from '../../support/random-draft.js';
import type { Figures } from '../benchmark.js';
import { integerBelow, randomFor, type Random } from '../random.js';
import { quantileFigure } from '../statistics.js';

export function dynamicProgramFigures(seed: number, quick: boolean): Figures {
  const trees = quick ? 100 : 1_000;
  const drafts = quick ? 10 : 200;
  const random = randomFor(seed, 'dynamic program');
  let mismatches = 0;
  for (let i = 0; i < trees; i++) {
    const tree = randomTree(9, random);
    const most = 1 + integerBelow(3, random);
    const budget = random() * costOf(tree, { start: 0, end: tree.text.length });
    const places = holePlaces(tree, 'both');
    const best = mostKept(tree, places, most, budget);
    if (within(tradeOff(tree, places, most), budget)?.kept !== best) mismatches++;
  }
  const times: number[] = [];
  while (times.length < drafts) {
    const tree = randomTree(260, random);
    if (tree.nodes.length < 180 || 220 < tree.nodes.length) continue;
    times.push(Math.min(...Array.from({ length: runs }, () => timed(tree))));
  }
  return {
    dp_mismatches: { value: mismatches, unit: 'trees', n: trees },
    dp_ms_p95: quantileFigure(times, 0.95, 'ms'),
    dp_ms_p50: quantileFigure(times, 0.5, 'ms'),
  };
}

/** The least of a few runs: what other programs take away at the same time is not ours. */
const runs = 5;

function timed(tree: HoleTree): number {
  const start = performance.now();
  tradeOff(tree, holePlaces(tree, 'both'), 3);
  return performance.now() - start;
}

function randomTree(size: number, random: Random): HoleTree {
  const { tree, costs } = randomDraft(size, random);
  const made = holeTree(tree, costs);
  if (typeof made === 'string') throw new Error(`A random draft has no tree: ${made}.`);
  return made;
}
