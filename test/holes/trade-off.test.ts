/** The dynamic program against brute force, and what holds for every bargain. */
import { describe, expect, test } from 'vitest';
import { holePlaces, type HoleForms } from '../../language-server/holes/hole-places.js';
import { costOf, holeTree, type HoleTree } from '../../language-server/holes/hole-tree.js';
import { greedyTradeOff, thresholdBargain } from '../../language-server/holes/rival-trade-offs.js';
import { tradeOff, within } from '../../language-server/holes/trade-off.js';
import { integerBelow, randomFor } from '../bench/random.js';
import { randomDraft } from '../support/random-draft.js';
import { mostKept } from './brute-force.js';

function treesOf(count: number, size: number, name: string): readonly HoleTree[] {
  const random = randomFor(9, name);
  return Array.from({ length: count }, () => {
    const { tree, costs } = randomDraft(size, random);
    const made = holeTree(tree, costs);
    if (typeof made === 'string') throw new Error(made);
    return made;
  });
}

describe('the dynamic program', () => {
  test.each<HoleForms>(['both', 'nodes', 'tail'])('finds the optimum on 1,000 random trees: %s', (forms) => {
    const random = randomFor(9, `budgets ${forms}`);
    const wrong = treesOf(1_000, 9, `brute ${forms}`).filter((tree) => {
      const most = 1 + integerBelow(3, random);
      const budget = random() * costOf(tree, { start: 0, end: tree.text.length });
      const places = holePlaces(tree, forms);
      return within(tradeOff(tree, places, most), budget)?.kept !== mostKept(tree, places, most, budget);
    });
    expect(wrong.map(({ text }) => text)).toEqual([]);
  });

  test('every bargain adds up, has few enough disjoint holes, and is worth making', () => {
    for (const tree of treesOf(200, 40, 'sums')) {
      const bargains = tradeOff(tree, holePlaces(tree, 'both'), 3);
      expect(bargains[0]).toMatchObject({ holes: [], kept: tree.inkBefore.at(-1) });
      expect(bargains.at(-1)!.cost).toBeCloseTo(0, 9);
      for (const [i, { holes, kept, cost }] of bargains.entries()) {
        expect(holes.length).toBeLessThanOrEqual(3);
        expect(holes.every((hole, j) => j === 0 || holes[j - 1]!.end <= hole.start)).toBe(true);
        expect(kept).toBe(tree.inkBefore.at(-1)! - holes.reduce((sum, { ink }) => sum + ink, 0));
        const saved = holes.reduce((sum, hole) => sum + hole.cost, 0);
        expect(cost).toBeCloseTo(costOf(tree, { start: 0, end: tree.text.length }) - saved, 6);
        if (0 < i) {
          expect(kept).toBeLessThan(bargains[i - 1]!.kept);
          expect(cost).toBeLessThan(bargains[i - 1]!.cost);
        }
      }
    }
  });

  test('no hole splits a lexeme', () => {
    for (const tree of treesOf(200, 40, 'lexemes')) {
      for (const { start, end } of holePlaces(tree, 'both')) {
        const split = tree.lexemes.filter(
          (lexeme) =>
            (lexeme.start < start && start < lexeme.end) || (lexeme.start < end && end < lexeme.end),
        );
        expect(split).toEqual([]);
      }
    }
  });

  test('own costs of nodes add up to the whole', () => {
    for (const tree of treesOf(200, 40, 'own costs')) {
      const sum = tree.nodes.reduce((all, { ownCost }) => all + ownCost, 0);
      expect(sum).toBeCloseTo(costOf(tree, { start: 0, end: tree.text.length }), 6);
      expect(tree.nodes.every(({ ownCost }) => -1e-9 < ownCost)).toBe(true);
    }
  });
});

describe('rivals', () => {
  test('keep no more than the optimum at any budget, and no more holes than allowed', () => {
    const random = randomFor(9, 'greedy');
    for (const tree of treesOf(300, 20, 'greedy')) {
      const most = 1 + integerBelow(3, random);
      const best = tradeOff(tree, holePlaces(tree, 'both'), most);
      const greedy = greedyTradeOff(tree, most);
      const tail = tradeOff(tree, holePlaces(tree, 'tail'), 1);
      for (const budget of [0, 0.5, 1, 2, 5]) {
        const optimum = within(best, budget)!;
        const leaf = within(greedy, budget)!;
        expect(leaf.kept).toBeLessThanOrEqual(optimum.kept);
        expect(leaf.holes.length).toBeLessThanOrEqual(most);
        expect(within(tail, budget)!.kept).toBeLessThanOrEqual(optimum.kept);
      }
    }
  });

  test('a threshold leaves no unlikely lexeme outside a hole', () => {
    for (const [i, tree] of treesOf(3_000, 8, 'threshold').entries()) {
      const most = 1 + (i % 3);
      const { holes } = thresholdBargain(tree, 0.5, most);
      expect(holes.length).toBeLessThanOrEqual(most);
      const left = tree.lexemes.filter(
        (lexeme) =>
          Math.log(2) < costOf(tree, lexeme) &&
          !holes.some(({ start, end }) => start <= lexeme.start && lexeme.end <= end),
      );
      expect(left).toEqual([]);
    }
  });
});
