/** What else the model would put in a hole, by what it writes when asked at the hole alone. */
import type { ScoredToken } from './character-costs.js';
import type { HoleTree } from './hole-tree.js';
import type { PartialProgram } from './partial-program.js';

/** More entries than this are a list to read, not a choice. */
const MOST = 3;

/** Less likely than this, a text is a guess and no alternative: a third of an even chance between three. */
const CLEAR = Math.log(0.1);

/** A continuation from the hole on. */
export interface FromHole {
  readonly text: string;
  readonly tokens: readonly ScoredToken[];
}

/** Whether a hole can be a choice: one piece of one line, that says the same nowhere else. */
export function canBeChoice({ text, holes }: PartialProgram, hole: number): boolean {
  const { place, mirrors } = holes[hole]!;
  const said = text.slice(place.start, place.end);
  return place.form === 'node' && mirrors.length === 0 && !said.includes('\n');
}

/**
 * The texts that stand in a hole by these drafts, in their order, where each is clear and the rest of the suggestion
 * can follow it. `isAllowed` tells whether the suggestion with a text in the hole is one that the partial program
 * stands for.
 */
export function alternativesIn(
  program: PartialProgram,
  { lexemes }: HoleTree,
  hole: number,
  drafts: readonly FromHole[],
  isAllowed: (filled: string) => boolean,
): readonly string[] {
  if (!canBeChoice(program, hole)) return [];
  const { start, end } = program.holes[hole]!.place;
  const front = program.text.slice(0, start);
  const rest = program.text.slice(end);
  const said = program.text.slice(start, end);
  const follower = lexemes.find((lexeme) => end <= lexeme.start);
  const next = follower && program.text.slice(follower.start, follower.end);
  const found = drafts.flatMap((draft) => {
    const [line = ''] = draft.text.split('\n');
    const fill = endsIn(line, next).find(
      (at) => line.slice(0, at).trim() !== '' && isAllowed(front + line.slice(0, at).trimEnd() + rest),
    );
    if (fill === undefined || logProbOf(draft, fill) < CLEAR) return [];
    return [line.slice(0, fill).trim()];
  });
  return [...new Set(found)].filter((text) => text !== said).slice(0, MOST - 1);
}

/** Where a fill may end: before each place at which the next lexeme stands; at the end when nothing follows. */
function endsIn(line: string, next: string | undefined): readonly number[] {
  if (next === undefined) return [line.length];
  const ends: number[] = [];
  for (let at = line.indexOf(next); 0 <= at; at = line.indexOf(next, at + 1)) ends.push(at);
  return ends;
}

/** Of the tokens that spell the first characters. */
function logProbOf({ tokens }: FromHole, characters: number): number {
  let spelled = 0;
  let sum = 0;
  for (const { text, logProb } of tokens) {
    if (characters <= spelled) break;
    spelled += text.length;
    sum += logProb;
  }
  return sum;
}
