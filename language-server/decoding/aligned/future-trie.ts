/**
 * What is known about the futures of token sequences: how much of the model's own probability after each of them
 * leads to texts that are not yet known to be forbidden.
 *
 * The trie of expected futures of ASAp (Park et al., Grammar-Aligned Decoding, NeurIPS 2024, §4). Every value is an
 * upper bound that only falls; where all of the tree is known it is exact. One trie serves one prompt.
 */
import type { TokenId } from '../../tokens/vocabulary.js';

export class FutureTrie {
  private readonly root = newNode(1);

  /** The share of the model's probability after `sequence` that is not known to be forbidden. */
  allowedAfter(sequence: readonly TokenId[]): number {
    let node = this.root;
    for (const token of sequence) {
      if (node.allowed === 0) return 0;
      const child = node.children.get(token);
      if (!child) return 1;
      node = child;
    }
    return node.allowed;
  }

  /**
   * Notes that `sequence` cannot be completed.
   * @param probabilities the model's own, of each of its tokens after those before it.
   */
  forbid(sequence: readonly TokenId[], probabilities: readonly number[]): void {
    const path = [this.root];
    sequence.forEach((token, i) => {
      const above = path[i]!;
      const node = above.children.get(token) ?? newNode(probabilities[i]!);
      above.children.set(token, node);
      path.push(node);
    });
    path.at(-1)!.allowed = 0;
    for (let i = path.length - 2; 0 <= i; i--) {
      const node = path[i]!;
      let forbidden = 0;
      for (const child of node.children.values()) forbidden += child.probability * (1 - child.allowed);
      node.allowed = Math.max(0, 1 - forbidden);
    }
  }
}

interface Node {
  /** Of this token after those above it. */
  readonly probability: number;
  allowed: number;
  readonly children: Map<TokenId, Node>;
}

function newNode(probability: number): Node {
  return { probability, allowed: 1, children: new Map() };
}
