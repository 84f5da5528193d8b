/** What the grammar knows of one request: the place of the cursor, what may be written, where statements end. */
import { grammarConstraint } from '../constraints/grammar-constraint.js';
import { anything, type Constraint } from '../constraints/constraint.js';
import { stopwatch, timed } from '../constraints/timed.js';
import { placeAt, type CursorPlace } from '../../syntax/cursor-place.js';
import type { OpenedPrefix } from '../../syntax/open-prefix.js';
import { draftTree } from '../../syntax/draft-tree.js';
import { parseErrors } from '../../syntax/parse-errors.js';
import { parseText } from '../../syntax/parsed-text.js';
import { watchStatements, type StatementWatch } from '../../syntax/statement-end.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import type { Program } from './write-request.js';

/** Texts longer than this are not parsed between keystrokes. */
const LONGEST_PROGRAM = 1 << 20;

/** Owned by one request, which disposes of it. */
export interface ProgramSyntax extends Disposable {
  readonly place: CursorPlace;
  readonly statements: StatementWatch;
  /** What may be written from where `lead` begins: the last characters before the cursor, which are written anew. */
  readonly constraint: Constraint;
  /** Whether the grammar has to repair anything of a text written at the cursor. */
  readonly breaks: (written: string) => boolean;
  /** How many errors the file has with a text written at the cursor, which joins with it where the constraint holds. */
  readonly errorsWith: (written: string) => number;
  /** Whether the constraint holds, and a file that has errors has more of them with a text written at the cursor. */
  readonly worsens: (written: string) => boolean;
  /** Why the constraint is off though it was wanted, in words. */
  readonly off?: string;
  /** Milliseconds that the constraint has taken so far: reading the text before the cursor, and all checks. */
  readonly constraintMs: () => number;
}

/** The latest reading of a text in each language; the next one is mostly the same text with a few keystrokes more. */
const readings = new WeakMap<SyntaxLanguage, OpenedPrefix>();

/** Undefined when the text is too long to look at. */
export function programSyntax(
  language: SyntaxLanguage,
  program: Program,
  lead: string,
  constrained: boolean,
): ProgramSyntax | undefined {
  const { before, after } = program;
  if (before.length + after.length > LONGEST_PROGRAM) return undefined;
  using parsed = parseText(language, before + after);
  const place = placeAt(parsed, before.length);
  const statements = watchStatements(language, before, after);
  const errorsWith = (written: string): number => {
    using whole = parseText(language, before + written + after);
    return parseErrors(whole);
  };
  const unconstrained = {
    place,
    statements,
    constraint: anything,
    breaks: (written: string) => {
      using whole = parseText(language, before + written + after);
      return draftTree(whole, before.length, before.length + written.length).broken;
    },
    errorsWith,
    worsens: () => false,
    constraintMs: () => 0,
    [Symbol.dispose]: () => {
      statements[Symbol.dispose]();
    },
  };
  if (!constrained) return unconstrained;
  const ownErrors = parseErrors(parsed);
  const previous = readings.get(language);
  const start = before.slice(0, before.length - lead.length);
  const watch = stopwatch();
  const grammar = watch.time(() => grammarConstraint({ language, before: start, lead, after, previous }));
  if ('off' in grammar) return { ...unconstrained, off: grammar.off };
  readings.set(language, grammar.opened);
  // What joins with a file without errors leaves none.
  const errorsLeft = (written: string): number =>
    ownErrors === 0 ? 0 : watch.time(() => errorsWith(written));
  return {
    ...unconstrained,
    constraint: timed(grammar.constraint, watch),
    errorsWith: errorsLeft,
    worsens: (written) => ownErrors < errorsLeft(written),
    constraintMs: watch.elapsedMs,
    [Symbol.dispose]() {
      grammar[Symbol.dispose]();
      statements[Symbol.dispose]();
    },
  };
}
