/** A draft with holes: what is offered when the model is sure of some of it only. */
import { inkOf, type HoleTree, type Span } from './hole-tree.js';
import { mirrorsOf, type Hole, type NameTest } from './mirrors.js';
import type { Bargain } from './trade-off.js';

export interface PartialProgram {
  /** The draft as the model wrote it. */
  readonly text: string;
  /** In the order of the text. A hole and its mirrors count as one. */
  readonly holes: readonly Hole[];
  /** Visible characters outside holes and mirrors. */
  readonly kept: number;
  readonly ink: number;
}

/** The pieces of a partial program from left to right. */
export type Piece =
  | ({ readonly kind: 'text' } & Span)
  /** `hole` is an index into `holes`; the first piece of a hole is the hole, further ones are its mirrors. */
  | ({ readonly kind: 'hole'; readonly hole: number } & Span);

/** `isKnown` tells names that stand before the draft from names that it introduces. */
export function partialProgram(tree: HoleTree, bargain: Bargain, isKnown: NameTest): PartialProgram {
  const holes = mirrorsOf(tree, bargain.holes, isKnown);
  const whole = { start: 0, end: tree.text.length };
  const removed = holes
    .flatMap(({ place, mirrors }) => [place, ...mirrors])
    .reduce((ink, span) => ink + inkOf(tree, span), 0);
  const ink = inkOf(tree, whole);
  return { text: tree.text, holes, kept: ink - removed, ink };
}

/**
 * Whether enough stands for a suggestion: at least half of its visible characters. With less it is a form to fill in,
 * and the few marks left over are where a model errs that is unsure of all around them.
 */
export function isWorthShowing({ kept, ink }: PartialProgram): boolean {
  return 0 < kept && ink <= 2 * kept;
}

export function piecesOf({ text, holes }: PartialProgram): readonly Piece[] {
  const gaps = holes
    .flatMap(({ place, mirrors }, hole) =>
      [place, ...mirrors].map(({ start, end }) => ({ hole, start, end })),
    )
    .sort((a, b) => a.start - b.start);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { hole, start, end } of gaps) {
    if (at < start) pieces.push({ kind: 'text', start: at, end: start });
    pieces.push({ kind: 'hole', hole, start, end });
    at = end;
  }
  if (at < text.length) pieces.push({ kind: 'text', start: at, end: text.length });
  return pieces;
}
