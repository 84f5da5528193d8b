/** A suggestion with holes: as much of it as a calibrated budget lets stand, the rest to be filled in. */
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import type { ScoredToken } from '../holes/character-costs.js';
import { holePlaces } from '../holes/hole-places.js';
import type { HoleTree, NoTree } from '../holes/hole-tree.js';
import { namesIn } from '../holes/mirrors.js';
import { isWorthShowing, partialProgram, type PartialProgram } from '../holes/partial-program.js';
import { placeholdersOf } from '../holes/placeholders.js';
import { snippetOf } from '../holes/snippet.js';
import { tradeOff, within } from '../holes/trade-off.js';
import { parsesIn, suggestionTree, type Surroundings } from './suggestion-tree.js';

export interface Uncertain {
  /** What is shown. */
  readonly text: string;
  readonly draft: { readonly text: string; readonly tokens: readonly ScoredToken[] };
}

export interface HoleRules {
  /** Nats that may remain in what is shown as sure. */
  readonly budget: number;
  /** Most holes. */
  readonly holes: number;
}

export type Offered =
  | {
      readonly kind: 'offered';
      /** In the editor's notation, with tab stops; see `holes/snippet.ts`. */
      readonly snippet: string;
      readonly program: PartialProgram;
      /** What stands in each hole until it is filled. */
      readonly placeholders: readonly string[];
      readonly tree: HoleTree;
    }
  /** The model is not sure enough of any of it, or why there is no telling. */
  | { readonly kind: 'nothing'; readonly why: NoTree | 'unsure' };

/** What is offered in place of a suggestion. A suggestion without holes is offered whole, with only `${0}` at its end. */
export function offerWithHoles(
  language: SyntaxLanguage,
  around: Surroundings,
  { text, draft }: Uncertain,
  { budget, holes }: HoleRules,
): Offered {
  const tree = suggestionTree(language, around, text, draft);
  if (typeof tree === 'string') return { kind: 'nothing', why: tree };
  const bargain = within(tradeOff(tree, holePlaces(tree, 'both'), holes), budget);
  if (!bargain) return { kind: 'nothing', why: 'unsure' };
  const program = partialProgram(tree, bargain, namesIn(around.before));
  if (!isWorthShowing(program)) return { kind: 'nothing', why: 'unsure' };
  const placeholders = placeholdersOf(program, (filled) => parsesIn(language, around, filled));
  return { kind: 'offered', snippet: snippetOf(program, placeholders), program, placeholders, tree };
}
