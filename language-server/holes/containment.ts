/**
 * Whether the true program is among those that a partial program allows.
 *
 * It is when every hole can be filled with one syntax node of the true program, a tail with whatever follows, so that
 * the lexemes agree one by one (Khakhar, Mell and Bastani 2023, §3: a partial program stands for all programs made by
 * filling its holes). Mirrors must hold the same as their hole. Blanks between lexemes do not count, nor does which
 * quotes a string has. The truth may go on after the draft: a suggestion that is right and short is right.
 *
 * The authors' code asks less: there, kept children need only be found among the children in the truth.
 */
import type { DraftTree } from '../../syntax/draft-tree.js';
import type { HoleTree, Span } from './hole-tree.js';
import { piecesOf, type PartialProgram } from './partial-program.js';

/** What really stood in the place of the draft. */
export interface Truth {
  readonly lexemes: readonly string[];
  /** For each lexeme, after which lexemes the nodes end that begin with it. */
  readonly nodeEnds: readonly (readonly number[])[];
}

/** `tree` is that of the true text between what stands before and after it, as for drafts. */
export function truthOf(tree: DraftTree): Truth {
  const starts = new Map(tree.lexemes.map(({ start }, i) => [start, i]));
  const ends = new Map(tree.lexemes.map(({ end }, i) => [end, i + 1]));
  const nodeEnds = tree.lexemes.map((): Set<number> => new Set());
  for (const node of tree.nodes.filter(({ named }) => named)) {
    const from = starts.get(firstInk(tree.text, node));
    const to = ends.get(lastInk(tree.text, node));
    if (from !== undefined && to !== undefined) nodeEnds[from]!.add(to);
  }
  return { lexemes: lexemesOf(tree), nodeEnds: nodeEnds.map((set) => [...set]) };
}

type Item = { readonly lexeme: string } | { readonly hole: number; readonly tail: boolean };

export function contains(tree: HoleTree, program: PartialProgram, truth: Truth): boolean {
  return agrees(itemsOf(tree, program), 0, truth, 0, new Map());
}

function itemsOf(tree: HoleTree, program: PartialProgram): readonly Item[] {
  const texts = lexemesOf(tree);
  return piecesOf(program).flatMap((piece): readonly Item[] => {
    if (piece.kind === 'hole')
      return [{ hole: piece.hole, tail: program.holes[piece.hole]!.place.form === 'tail' }];
    return tree.lexemes.flatMap(({ start, end }, i) =>
      piece.start <= start && end <= piece.end ? [{ lexeme: texts[i]! }] : [],
    );
  });
}

/** Whether the items from `item` on agree with the truth from lexeme `at` on; `fills` are the texts of holes so far. */
function agrees(
  items: readonly Item[],
  item: number,
  truth: Truth,
  at: number,
  fills: ReadonlyMap<number, string>,
): boolean {
  const next = items[item];
  if (!next) return true;
  if ('lexeme' in next)
    return truth.lexemes[at] === next.lexeme && agrees(items, item + 1, truth, at + 1, fills);
  if (next.tail) return true;
  return (truth.nodeEnds[at] ?? []).some((end) => {
    const fill = truth.lexemes.slice(at, end).join('\n');
    if ((fills.get(next.hole) ?? fill) !== fill) return false;
    return agrees(items, item + 1, truth, end, new Map(fills).set(next.hole, fill));
  });
}

function lexemesOf({
  text,
  lexemes,
}: {
  readonly text: string;
  readonly lexemes: readonly Span[];
}): readonly string[] {
  return lexemes.map(({ start, end }) => alike(text.slice(start, end)));
}

/** Strings may have either quote. */
function alike(lexeme: string): string {
  return /^\p{L}{0,2}['"]{1,3}$/u.test(lexeme) ? lexeme.replaceAll("'", '"') : lexeme;
}

function firstInk(text: string, { start, end }: Span): number {
  return end - text.slice(start, end).trimStart().length;
}

function lastInk(text: string, { start, end }: Span): number {
  return start + text.slice(start, end).trimEnd().length;
}
