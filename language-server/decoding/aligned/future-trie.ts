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

  /** Next tokens of which something is known: how much of what follows each is allowed. Of all others everything is. */
  nextAfter(sequence: readonly TokenId[]): ReadonlyMap<TokenId, number> {
    let node: Node | undefined = this.root;
    for (const token of sequence) node = node?.children.get(token);
    return new Map([...(node?.children ?? [])].map(([token, { allowed }]) => [token, allowed]));
  }

  /**
   * Notes that `sequence` cannot be completed.
   * @param probabilities the model's own, of each of its tokens after those before it.
   */
  forbid(sequence: readonly TokenId[], probabilities: readonly number[]): void {
    const path = this.pathOf(sequence, probabilities);
    path.at(-1)!.allowed = 0;
    weighAgain(path.slice(0, -1));
  }

  /** Notes that no text goes on with one of the tokens `next` after `sequence`. */
  forbidAfter(
    sequence: readonly TokenId[],
    probabilities: readonly number[],
    next: readonly NextToken[],
  ): void {
    const path = this.pathOf(sequence, probabilities);
    for (const { token, probability } of next) childOf(path.at(-1)!, token, probability).allowed = 0;
    if (path.at(-1)!.allowed > 0) weighAgain(path);
  }

  private pathOf(sequence: readonly TokenId[], probabilities: readonly number[]): readonly Node[] {
    const path = [this.root];
    for (const [i, token] of sequence.entries()) path.push(childOf(path[i]!, token, probabilities[i]!));
    return path;
  }
}

/** A token, and the model's own probability of it after those before it. */
export interface NextToken {
  readonly token: TokenId;
  readonly probability: number;
}

function childOf(node: Node, token: TokenId, probability: number): Node {
  const child = node.children.get(token) ?? newNode(probability);
  node.children.set(token, child);
  return child;
}

/** From the last of a path to the first: what is allowed after each, given what is after its children. */
function weighAgain(path: readonly Node[]): void {
  for (const node of [...path].reverse()) {
    let forbidden = 0;
    for (const child of node.children.values()) forbidden += child.probability * (1 - child.allowed);
    node.allowed = Math.max(0, 1 - forbidden);
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
