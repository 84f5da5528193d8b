/** What stands in a hole until it is filled: what the model would have said, or a word for what belongs there. */
import type { HolePlace } from './hole-places.js';
import { piecesOf, type PartialProgram } from './partial-program.js';

/** Whether the file would parse with this text in the place of the draft. */
export type ParseTest = (draft: string) => boolean;

/** Longer placeholders, or ones of several lines, hide the text around them. */
const LONGEST = 48;

/** Words for what belongs in a place, by what the node's kind says; they are names, so that they parse as one. */
const words: readonly (readonly [RegExp, string])[] = [
  [/function|arrow|lambda|method|closure/, 'fn'],
  [/condition|comparison|boolean/, 'condition'],
  [/type/, 'type'],
  [/statement|declaration|definition/, 'statement'],
  [/./, 'value'],
];

/**
 * One placeholder for each hole. The model's own words come first; long ones give way to a word for the kind, but
 * only where the file still parses with it. A tail keeps the model's words: nothing shorter is known to parse.
 */
export function placeholdersOf(program: PartialProgram, parses: ParseTest): readonly string[] {
  const said = program.holes.map(({ place }) => program.text.slice(place.start, place.end));
  return program.holes.reduce((chosen, { place }, i) => {
    if (place.form === 'tail' || isShort(said[i]!)) return chosen;
    const shorter = chosen.with(i, wordFor(place));
    return parses(filled(program, shorter)) ? shorter : chosen;
  }, said);
}

/** The draft with these texts in its holes and their mirrors. */
export function filled(program: PartialProgram, fills: readonly string[]): string {
  return piecesOf(program)
    .map((piece) => (piece.kind === 'text' ? program.text.slice(piece.start, piece.end) : fills[piece.hole]!))
    .join('');
}

function isShort(text: string): boolean {
  return text.length <= LONGEST && !text.includes('\n');
}

function wordFor({ kind }: HolePlace): string {
  return words.find(([pattern]) => pattern.test(kind))![1];
}
