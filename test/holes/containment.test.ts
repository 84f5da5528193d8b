/** What a partial program allows: always the draft itself, and nothing that differs where it is sure. */
import { describe, expect, test } from 'vitest';
import { contains, truthOf } from '../../language-server/holes/containment.js';
import { holePlaces } from '../../language-server/holes/hole-places.js';
import { holeTree } from '../../language-server/holes/hole-tree.js';
import { partialProgram } from '../../language-server/holes/partial-program.js';
import { tradeOff } from '../../language-server/holes/trade-off.js';
import { randomFor } from '../bench/random.js';
import { randomDraft } from '../support/random-draft.js';

const unknown = (): boolean => false;

describe('containment', () => {
  test('a partial program allows the draft it was made of, whatever the holes', () => {
    const random = randomFor(9, 'itself');
    for (let i = 0; i < 300; i++) {
      const { tree, costs } = randomDraft(20, random);
      const made = holeTree(tree, costs);
      if (typeof made === 'string') throw new Error(made);
      const truth = truthOf(tree);
      for (const bargain of tradeOff(made, holePlaces(made, 'both'), 3))
        expect(contains(made, partialProgram(made, bargain, unknown), truth)).toBe(true);
    }
  });

  test('another word outside all holes is not allowed, inside of one it is', () => {
    const random = randomFor(9, 'other words');
    let outside = 0;
    let inside = 0;
    for (let i = 0; i < 300; i++) {
      const { tree, costs } = randomDraft(12, random);
      const made = holeTree(tree, costs);
      if (typeof made === 'string') throw new Error(made);
      for (const bargain of tradeOff(made, holePlaces(made, 'both'), 2)) {
        const program = partialProgram(made, bargain, () => true);
        if (program.holes.some(({ mirrors }) => 0 < mirrors.length)) continue;
        for (const { start, end } of tree.lexemes) {
          const text = tree.text.slice(0, start) + 'X'.repeat(end - start) + tree.text.slice(end);
          const allowed = contains(made, program, truthOf({ ...tree, text }));
          const isInside = program.holes.some(({ place }) => place.start <= start && end <= place.end);
          // A hole before the word might be filled with more than its node, up to behind the other word.
          const isSure = program.holes.every(({ place }) => end <= place.start);
          if (isInside) expect(allowed).toBe(true);
          if (isSure) expect(allowed).toBe(false);
          if (isSure) outside++;
          if (isInside) inside++;
        }
      }
    }
    expect(outside).toBeGreaterThan(100);
    expect(inside).toBeGreaterThan(100);
  });
});
