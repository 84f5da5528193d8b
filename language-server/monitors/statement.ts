/** What stands before a place in its statement, as far as lexemes tell. */
import type { Bracket, Lexeme } from './lexical/lexeme.js';

/** Lexemes that are looked back on: import statements are short. */
const FAR = 200;

/** The first lexeme of the line-ended statement (Python) that `last` is in; brackets of either side are passed. */
export function firstOfLine(last: Lexeme | undefined, open: Bracket | undefined): Lexeme | undefined {
  let at = last;
  let bracket = open;
  for (let steps = 0; at && steps < FAR; steps++) {
    if (at === bracket?.opener) bracket = bracket.outer;
    else if (at.opener) at = at.opener;
    if (at.startsLine && !bracket) return at;
    if (at.previous?.text === ';' && !bracket) return at;
    at = at.previous;
  }
  return undefined;
}
