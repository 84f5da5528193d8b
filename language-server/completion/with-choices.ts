/** Holes as choices, where the model has two or three clear alternatives: it is asked once more at each hole. */
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { alternativesIn, canBeChoice, type FromHole } from '../holes/alternatives.js';
import { contains } from '../holes/containment.js';
import { snippetOf } from '../holes/snippet.js';
import type { Offered } from './offer-holes.js';
import { trueTree, type Surroundings } from './suggestion-tree.js';

/** Drafts that go on behind the first so many characters of a suggestion, likeliest first. */
export type AskAtHole = (characters: number) => Promise<readonly FromHole[]>;

export type OfferedWithHoles = Extract<Offered, { kind: 'offered' }>;

/** The snippet once more, with choices. What is promised stays as it is: it is about what stands outside of holes. */
export async function withChoices(
  { snippet, program, tree, placeholders }: OfferedWithHoles,
  language: SyntaxLanguage,
  around: Surroundings,
  ask: AskAtHole,
): Promise<string> {
  const choices: (readonly string[])[] = [];
  for (const [hole, { place }] of program.holes.entries()) {
    const isWhole = placeholders[hole] === program.text.slice(place.start, place.end);
    if (!isWhole || !canBeChoice(program, hole)) {
      choices.push([]);
      continue;
    }
    const isAllowed = (filled: string) => {
      const truth = trueTree(language, around, filled);
      return truth !== undefined && contains(tree, program, truth);
    };
    choices.push(alternativesIn(program, tree, hole, await ask(place.start), isAllowed));
  }
  if (choices.every((texts) => texts.length === 0)) return snippet;
  return snippetOf(program, placeholders, choices);
}
