/**
 * Looks for verdicts that tree-sitter contradicts: beginnings called dead that some text completes after all, and
 * beginnings called alive that nothing completes.
 */
import { isReadable, openPrefix } from '../../syntax/open-prefix.js';
import { extend } from '../../syntax/prefix.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { completion } from './syntax-completion.js';
import { survives } from '../support/parse-log.js';
import { integerBelow, pick, type Random } from './random.js';

export interface Soundness {
  readonly refused: number;
  /** Refused, and yet tree-sitter reads on with some continuation. */
  readonly refuted: number;
  readonly accepted: number;
  /** Accepted, and an error-free file was found that begins so. */
  readonly completed: number;
  /** Accepted, and completed to what tree-sitter finds an error in. */
  readonly disputed: number;
  /** Accepted, and no file was found: the ends of the beginnings. */
  readonly unknown: readonly string[];
}

/** Wrong pieces put in per file. Holding one refusal against tree-sitter takes about 150 parses. */
const TRIALS = 2;
const WRONG = [
  ')',
  ']',
  '}',
  ';;)',
  ' ) ',
  '(]',
  '[)',
  '= =',
  ',,',
  '..',
  '+ *',
  '?)',
  ' 1 2 ',
  ' "s" "t"] ',
  '\n)',
  '@@',
  '\\',
  ' in in ',
  ' else ',
  ' class ] ',
  ' => =>',
  ' </a> ',
  ' : : ',
  'import import',
  ' return return x ',
  '\n        x',
];
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
/** Tree-sitter reads only so much before the place, or each of its parses would take milliseconds. */
const LONGEST_TEXT = 1_500;

export function counterexamples(language: SyntaxLanguage, whole: string, random: Random): Soundness {
  const text = whole.slice(0, LONGEST_TEXT);
  let refused = 0;
  let refuted = 0;
  const completions = { complete: 0, disputed: 0, unknown: 0 };
  const unknown: string[] = [];
  for (let i = 0; i < TRIALS; i++) {
    const cut = integerBelow(text.length, random);
    const wrong = pick(WRONG, random)!;
    const opened = openPrefix(language, text.slice(0, cut));
    if (!isReadable(opened) || opened.prefix.repairs > 0) continue;
    const beginning = text.slice(0, cut) + wrong;
    const rest = text.slice(cut);
    if (extend(opened.prefix, wrong)) {
      // The file, cut short, need not be whole itself.
      const found = completion(language, beginning, whole.slice(cut));
      completions[found]++;
      if (found === 'unknown') unknown.push(beginning.slice(-60));
      continue;
    }
    refused++;
    const continuations = [rest, ` ${rest}`, ...language.witnesses.general, ...PRINTABLE];
    if (continuations.some((continuation) => survives(language, beginning, continuation))) refuted++;
  }
  const { complete: completed, disputed } = completions;
  const accepted = completed + disputed + completions.unknown;
  return { refused, refuted, accepted, completed, disputed, unknown };
}
