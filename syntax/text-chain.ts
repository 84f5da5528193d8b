/**
 * A text that only grows, as a chain of pieces: forks share what they have in common.
 *
 * All lengths and offsets in this folder count UTF-16 units, as JavaScript strings and web-tree-sitter do.
 */
export interface TextChain {
  readonly parent: TextChain | undefined;
  readonly piece: string;
  /** Units up to and with this piece. */
  readonly length: number;
  readonly depth: number;
}

export const emptyText: TextChain = { parent: undefined, piece: '', length: 0, depth: 0 };

export function append(text: TextChain, piece: string): TextChain {
  return { parent: text, piece, length: text.length + piece.length, depth: text.depth + 1 };
}

/** The last `units` of a text (all of it by default) as one string. */
export function tail(text: TextChain, units = text.length): string {
  const pieces: string[] = [];
  const from = Math.max(0, text.length - units);
  for (let link: TextChain | undefined = text; link && from < link.length; link = link.parent) {
    const start = link.length - link.piece.length;
    pieces.push(start < from ? link.piece.slice(from - start) : link.piece);
  }
  return pieces.reverse().join('');
}

/** The longest text that both grew from. */
export function sharedPast(left: TextChain, right: TextChain): TextChain {
  let a = left;
  let b = right;
  while (a !== b) {
    if (b.depth <= a.depth) a = a.parent ?? emptyText;
    else b = b.parent ?? emptyText;
  }
  return a;
}
