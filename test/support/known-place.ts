/** Random drafts with a known truth: the model of a test is right exactly as often as it says, or less often. */
import type { DraftTree } from '../../syntax/draft-tree.js';
import { truthOf, type Truth } from '../../language-server/holes/containment.js';
import { holeTree, type HoleTree } from '../../language-server/holes/hole-tree.js';
import type { Random } from '../bench/random.js';
import { randomDraft } from './random-draft.js';

export interface KnownPlace {
  readonly tree: HoleTree;
  readonly truth: Truth;
}

/**
 * A draft, and a truth of the same shape in which each lexeme is another word with the probability that its cost
 * says, raised to `overconfidence`: 1 is a model that knows itself; above 1 it errs more often than it says.
 */
export function knownPlace(size: number, overconfidence: number, random: Random): KnownPlace {
  const { tree, costs } = randomDraft(size, random);
  const made = holeTree(tree, costs);
  if (typeof made === 'string') throw new Error(made);
  let text = tree.text;
  for (const { start, end } of tree.lexemes) {
    const cost = costs.slice(start, end).reduce((sum, one) => sum + one, 0);
    if (random() < 1 - Math.exp(-cost * overconfidence))
      text = text.slice(0, start) + 'X'.repeat(end - start) + text.slice(end);
  }
  const real: DraftTree = { ...tree, text };
  return { tree: made, truth: truthOf(real) };
}
