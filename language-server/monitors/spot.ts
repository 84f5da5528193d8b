/** Places on the way from before the cursor through what is being written, and the questions asked there. */
import { closerOf, type Bracket } from './lexical/lexeme.js';
import type { Lexical } from './lexical/lexical.js';
import type { LexicalRules } from './lexical/rules.js';
import { questionAt, type ProgramQuestion, type QuestionKind } from './questions.js';

/** What all monitors of one request share. */
export interface Around {
  readonly languageId: string;
  readonly rules: LexicalRules;
  /** The text after the cursor. */
  readonly after: string;
  /** Where monitors begin to read: so many characters before the cursor. */
  readonly lead: number;
  /** Brackets that are closed after the cursor and not opened there: `)}`. */
  readonly unopened: string;
}

/** A place: the lexical state there, and the text since monitors began to read. */
export interface Spot {
  readonly lexical: Lexical;
  readonly text: string;
}

/** The next place. */
export function onward(spot: Spot, unit: string): Spot {
  return { lexical: spot.lexical.after(unit), text: spot.text + unit };
}

/** Whether the place lies before the cursor: what stands there is not ours to judge. */
export function isBeforeCursor(spot: Spot, around: Around): boolean {
  return spot.text.length < around.lead;
}

export function ask(kind: QuestionKind, { lexical, text }: Spot, around: Around): ProgramQuestion {
  return questionAt(kind, {
    written: text.slice(around.lead),
    back: Math.max(0, around.lead - text.length),
    closers: missingClosers(lexical.open, around.unopened),
  });
}

/** What closes the open brackets, innermost first, less what the text after the cursor closes. */
function missingClosers(open: Bracket | undefined, unopened: string): string {
  let needed = '';
  for (let bracket = open; bracket && !bracket.resumes; bracket = bracket.outer)
    needed += closerOf[bracket.sign] ?? '';
  return needed.endsWith(unopened) ? needed.slice(0, needed.length - unopened.length) : '';
}
