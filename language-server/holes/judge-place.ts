/** One calibration place: what each budget would have shown there, and whether the truth allows it. */
import { budgets, type Outcome } from './calibrate.js';
import { contains, type Truth } from './containment.js';
import type { HoleTree } from './hole-tree.js';
import type { NameTest } from './mirrors.js';
import { isWorthShowing, partialProgram } from './partial-program.js';
import { within, type Bargain, type TradeOff } from './trade-off.js';

/** Nothing was offered at this place: nothing can be wrong, and nothing is kept. */
export const silentPlace: Outcome = {
  wrong: budgets.map(() => false),
  kept: budgets.map(() => 0),
  ink: 0,
};

/** `bargains` are those of the tree, in any family of holes; `isKnown` tells names that stand before the draft. */
export function judgePlace(tree: HoleTree, bargains: TradeOff, isKnown: NameTest, truth: Truth): Outcome {
  const judged = new Map<Bargain, { readonly wrong: boolean; readonly kept: number }>();
  const judge = (bargain: Bargain) => {
    const program = partialProgram(tree, bargain, isKnown);
    if (!isWorthShowing(program)) return { wrong: false, kept: 0 };
    return { wrong: !contains(tree, program, truth), kept: program.kept };
  };
  const rows = budgets.map((budget) => {
    const bargain = within(bargains, budget);
    if (!bargain) return { wrong: false, kept: 0 };
    const known = judged.get(bargain) ?? judge(bargain);
    judged.set(bargain, known);
    return known;
  });
  const ink = tree.inkBefore.at(-1)!;
  return { wrong: rows.map(({ wrong }) => wrong), kept: rows.map(({ kept }) => kept), ink };
}
