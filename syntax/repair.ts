/**
 * Steps over an error in a text, so that what follows can be judged relative to it.
 *
 * Where all stacks have died it tries to skip a few lexemes, to insert one that is missing, and to give up what was
 * being read back to an enclosing construct; and goes on from whatever reads the next few lines best.
 */
import { below, push, type Head, type StackNode } from './parse-stack.js';
import { settle } from './reach.js';
import type { SyntaxLanguage } from './syntax-language.js';

/** Text after the error on which the ways are compared. */
const TRIAL = 600;
const MOST_STACKS = 3;
/** Looking so much further than a plain lexeme asks for is looking for the end of a string. */
const FAR_LOOK = 8;
/** At most so much unread text at the end is given up. */
const LAST_WORDS = 80;
const MOST_SKIPPED = 3;
const MOST_LINES = 6;
const MOST_POPPED = 60;
/** Units of text that one unit of cost must gain: inserting costs 1.5, skipping 1 a lexeme, giving up 2 and more. */
const UNITS_PER_COST = 10;

/**
 * The best stack to go on with after `deaths`, in the text that the buffer shows; undefined when none reads anything.
 * @param text the same text, as a string.
 */
export function repair(language: SyntaxLanguage, text: string, deaths: readonly Head[]): Head | undefined {
  const { grammar } = language;
  const { table } = grammar;
  const died = deaths[0]?.position ?? 0;
  let best: { readonly head: Head; readonly score: number } | undefined;
  const consider = (head: Head, cost: number): void => {
    const limit = Math.min(text.length, head.position + TRIAL);
    // The best that this way can come to: most need not be tried once one has survived.
    if (best && 1e6 + limit - died - cost * UNITS_PER_COST <= best.score) return;
    const { heads, furthest } = settle(grammar, [head], text.length, limit);
    const survives = heads.length > 0 ? 1e6 : 0;
    const score = survives + Math.min(furthest, limit) - died - cost * UNITS_PER_COST;
    if (!best || best.score < score) best = { head, score };
  };

  for (const death of deaths.slice(0, MOST_STACKS)) {
    const { node, scanner } = death;
    lexemeEnds(language, text, death).forEach((position, i) => {
      consider({ node, position, scanner }, i + 1);
    });
    const row = table.row(node.state);
    for (let terminal = 1; terminal < table.terminals; terminal++) {
      if (row[terminal] === 0) continue;
      for (const head of inserted(language, death, terminal)) consider(head, 1.5);
    }
    const lines = lineEnds(text, death.position);
    let popped: StackNode | undefined = node.links[0];
    for (let depth = 1; popped && depth < MOST_POPPED; depth++, popped = popped.links[0]) {
      const cost = 2 + depth * 0.3;
      const from = popped;
      consider({ node: from, position: death.position, scanner: from.scanner }, cost);
      if (from.scanner !== scanner) consider({ node: from, position: death.position, scanner }, cost);
      lines.forEach((position, i) => {
        consider({ node: from, position, scanner: from.scanner }, cost + 1 + i);
      });
    }
    lines.forEach((position, i) => {
      consider({ node, position, scanner }, 3 + i);
    });
  }
  // Last, and only for what is being typed: leave the rest unread.
  const [death] = deaths;
  const nothingSurvives = !best || best.score < 1e6;
  if (death && nothingSurvives && text.length - died <= LAST_WORDS)
    return { ...death, position: text.length };
  return best?.head;
}

/**
 * The stack that reads furthest when the one lexeme is put in that is missing at `deaths`; undefined when none reads
 * up to the end of the line.
 */
export function insertMissing(
  language: SyntaxLanguage,
  text: string,
  deaths: readonly Head[],
): Head | undefined {
  const { table } = language.grammar;
  const died = deaths[0]?.position ?? 0;
  const newline = text.indexOf('\n', died);
  let reached = newline < 0 ? text.length : newline;
  let best: Head | undefined;
  for (const death of deaths.slice(0, MOST_STACKS)) {
    const row = table.row(death.node.state);
    for (let terminal = 1; terminal < table.terminals; terminal++) {
      if (row[terminal] === 0) continue;
      for (const head of inserted(language, death, terminal)) {
        const { furthest } = settle(language.grammar, [head], text.length, died + TRIAL);
        if (reached <= furthest && (!best || reached < furthest)) {
          best = head;
          reached = furthest;
        }
      }
    }
  }
  return best;
}

function lexemeEnds(
  { grammar }: SyntaxLanguage,
  text: string,
  { position, scanner }: Head,
): readonly number[] {
  const ends: number[] = [];
  let end = position;
  while (ends.length < MOST_SKIPPED) {
    const lexeme = grammar.lexer.lex(0, end, scanner);
    end = typeof lexeme === 'object' && end < lexeme.end ? lexeme.end : end + 1;
    if (text.length <= end) break;
    ends.push(end);
  }
  return ends;
}

function lineEnds(text: string, from: number): readonly number[] {
  const ends: number[] = [];
  for (
    let at = text.indexOf('\n', from);
    0 <= at && ends.length < MOST_LINES;
    at = text.indexOf('\n', at + 1)
  ) {
    ends.push(at);
  }
  return ends;
}

/**
 * What becomes of a stack when `terminal` is read without any text. Only where the text after it still reads as the
 * lexemes it is made of: an inserted quote would swallow it all, and nothing would ever be wrong again.
 */
function inserted(language: SyntaxLanguage, head: Head, terminal: number): readonly Head[] {
  const { lexer } = language.grammar;
  const plain = lexer.lex(0, head.position, head.scanner);
  return shifted(language, head, terminal).filter(({ node, position, scanner }) => {
    const next = lexer.lex(node.state, position, scanner);
    if (typeof next !== 'object' || typeof plain !== 'object') return true;
    return next.end === plain.end && next.looked <= plain.looked + FAR_LOOK;
  });
}

function shifted({ grammar }: SyntaxLanguage, head: Head, terminal: number): readonly Head[] {
  const { table } = grammar;
  const { position, scanner } = head;
  const found: Head[] = [];
  const waiting = [head];
  for (let steps = 0; steps < 200; steps++) {
    const next = waiting.pop();
    if (!next) break;
    for (const action of table.entry(next.node.state, terminal)?.actions ?? []) {
      if (action.kind === 'shift' && !action.repetition && !action.extra) {
        found.push(push(next.node, action.state, position, scanner));
      } else if (action.kind === 'reduce') {
        for (const base of below(next.node, action.children)) {
          waiting.push(push(base, table.next(base.state, action.symbol), position, scanner));
        }
      }
    }
  }
  return found;
}
