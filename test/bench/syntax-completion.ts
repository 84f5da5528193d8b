/** Looks for an error-free file that begins with a text: the proof that accepting it was right. */
import { isCompleteFile } from '../../syntax/complete-file.js';
import { isReadable, openPrefix } from '../../syntax/open-prefix.js';
import type { StackNode } from '../../syntax/parse-stack.js';
import { extend, type Prefix } from '../../syntax/prefix.js';
import { reach } from '../../syntax/reach.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { tail } from '../../syntax/text-chain.js';
import { hasError } from './syntax-judges.js';

/** `disputed`: the recogniser calls it complete, tree-sitter finds an error in it. `unknown`: none was found in time. */
export type Completion = 'complete' | 'disputed' | 'unknown';

/** What is put after a text besides the witnesses of its language. */
const PIECES = [
  '</a>',
  '</>',
  ' => a',
  ': a',
  ' = a',
  ' a',
  '()',
  ' {}',
  ': pass\n',
  '\n',
  '\nend\n',
  ' in a',
  ' from "a"',
  '\n(a): pass\n',
  '(a): pass\n',
  'a(){}',
];
const MOST_EXPANSIONS = 400;
/**
 * What is closed without a search, the innermost first, and what may have to stand before that: a regular expression, a
 * line that goes on, an escape inside a name, an import may be half-written.
 */
const CLOSERS = [')', ']', '}', ' : a', ' finally {}', ' while (a)', ' from "a"', '</a>', '`', '"', "'"];
const FILLERS = ['', 'a', ' a', '""', ' => a', ': a', ' = a', ' {}', '/', '\n', 'u0061', 'a from "a"'];
const MOST_CLOSERS = 40;
/** One bracket less is worth so many units of text. */
const UNITS_PER_DEPTH = 8;

/** @param rest what stood after the text before something wrong was put at its end. */
export function completion(language: SyntaxLanguage, beginning: string, rest: string): Completion {
  const pieces = [...new Set([...language.witnesses.general, ...PIECES])];
  for (const piece of ['', ' ', '\n', ...pieces]) {
    const whole = beginning + piece + rest;
    if (isCompleteFile(language, whole)) return judged(language, whole);
  }
  const opened = openPrefix(language, beginning);
  if (!isReadable(opened)) return 'unknown';
  for (const filler of FILLERS) {
    const closed = closedUp(extend(opened.prefix, filler));
    if (closed) return judged(language, tail(closed.text));
  }
  const waiting: Candidate[] = [{ prefix: opened.prefix, cost: 0 }];
  for (let expansions = 0; expansions < MOST_EXPANSIONS && waiting.length > 0; expansions++) {
    waiting.sort((a, b) => b.cost - a.cost);
    const { prefix } = waiting.pop()!;
    for (const piece of pieces) {
      const longer = extend(prefix, piece);
      if (!longer) continue;
      if (isComplete(longer)) return judged(language, tail(longer.text));
      waiting.push({ prefix: longer, cost: costOf(longer, beginning.length) });
    }
  }
  return 'unknown';
}

interface Candidate {
  readonly prefix: Prefix;
  readonly cost: number;
}

function judged(language: SyntaxLanguage, whole: string): Completion {
  return hasError(language, whole) ? 'disputed' : 'complete';
}

/** The text with one closer after the other, as far as that makes a complete file: for deep ones that a search would not reach. */
function closedUp(begun: Prefix | undefined): Prefix | undefined {
  let at = begun;
  for (let closers = 0; at && closers < MOST_CLOSERS; closers++) {
    if (isComplete(at)) return at;
    const prefix: Prefix = at;
    at = CLOSERS.map((closer) => extend(prefix, closer)).find((next) => next !== undefined);
  }
  return undefined;
}

function isComplete({ language, text, heads }: Prefix): boolean {
  language.grammar.buffer.show(text, '');
  return reach(language.grammar, heads, Infinity, text.length).alive;
}

/** What was added so far, and what the shallowest stack still has to close. */
function costOf({ text, heads }: Prefix, start: number): number {
  const depth = Math.min(...heads.map(({ node }) => depthOf(node)));
  return text.length - start + UNITS_PER_DEPTH * depth;
}

function depthOf(node: StackNode): number {
  let depth = 0;
  for (let at: StackNode | undefined = node; at; at = at.links[0]) depth++;
  return depth;
}
