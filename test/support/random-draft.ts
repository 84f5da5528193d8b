/** Random drafts as plain trees, for properties that hold whatever the grammar: brackets around words. */
import type { DraftNode, DraftTree } from '../../syntax/draft-tree.js';
import { integerBelow, type Random } from '../bench/random.js';

export interface RandomDraft {
  readonly tree: DraftTree;
  readonly costs: Float64Array;
}

/** A draft with up to `size` nodes; every lexeme costs an exponential number of nats, some nothing. */
export function randomDraft(size: number, random: Random): RandomDraft {
  const nodes: { kind: string; named: boolean; start: number; end: number; parent: number }[] = [];
  const lexemes: { start: number; end: number }[] = [];
  const costs: number[] = [];
  let text = '';

  function write(word: string): void {
    const cost = random() < 0.3 ? 0 : -Math.log(1 - random());
    lexemes.push({ start: text.length, end: text.length + word.length });
    text += word;
    costs.push(...Array.from(word, () => cost / word.length));
    if (random() < 0.3) {
      text += ' ';
      costs.push(0);
    }
  }

  function grow(parent: number, share: number): void {
    const index = nodes.length;
    nodes.push({ kind: `kind_${integerBelow(3, random)}`, named: true, start: text.length, end: 0, parent });
    let left = share - 1;
    // A node may begin with its first child, as calls and sums do.
    if (share === 1 || random() < 0.5) write('abcdefgh'.slice(0, 1 + integerBelow(4, random)));
    while (0 < left) {
      const part = 1 + integerBelow(left, random);
      grow(index, part);
      left -= part;
      if (random() < 0.5) write(',');
    }
    const last = lexemes.at(-1)!;
    nodes[index]!.end = last.end;
  }

  for (let left = 1 + integerBelow(size, random); 0 < left;) {
    const part = 1 + integerBelow(left, random);
    grow(-1, part);
    left -= part;
  }
  const tree: DraftTree = { text, nodes: nodes satisfies readonly DraftNode[], lexemes, broken: false };
  return { tree, costs: Float64Array.from(costs) };
}
