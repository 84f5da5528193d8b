/** A suggestion as a tree with prices: parsed where it would stand, its tokens' probabilities carried over to it. */
import { draftTree } from '../../syntax/draft-tree.js';
import { parseText } from '../../syntax/parsed-text.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { carryCosts, characterCosts, type ScoredToken } from '../holes/character-costs.js';
import { truthOf, type Truth } from '../holes/containment.js';
import { holeTree, type HoleTree, type NoTree } from '../holes/hole-tree.js';

/** The text around a suggestion, as it will be once the suggestion is accepted. */
export interface Surroundings {
  readonly before: string;
  readonly after: string;
}

/** `text` is what is shown; `draft` what the model wrote, which filters may have changed since. */
export function suggestionTree(
  language: SyntaxLanguage,
  { before, after }: Surroundings,
  text: string,
  draft: { readonly text: string; readonly tokens: readonly ScoredToken[] },
): HoleTree | NoTree {
  if (text.trim() === '') return 'no-text';
  const costs = characterCosts(draft.tokens, draft.text);
  using parsed = parseText(language, before + text + after);
  const tree = draftTree(parsed, before.length, before.length + text.length);
  return holeTree(tree, costs && carryCosts(costs, draft.text, text));
}

/** What really stood there; undefined when the file around it does not parse. */
export function trueTree(
  language: SyntaxLanguage,
  { before, after }: Surroundings,
  text: string,
): Truth | undefined {
  using parsed = parseText(language, before + text + after);
  const tree = draftTree(parsed, before.length, before.length + text.length);
  return tree.broken ? undefined : truthOf(tree);
}

/** Whether the file parses around a text, as far as the text is concerned. */
export function parsesIn(language: SyntaxLanguage, { before, after }: Surroundings, text: string): boolean {
  using parsed = parseText(language, before + text + after);
  return !draftTree(parsed, before.length, before.length + text.length).broken;
}
