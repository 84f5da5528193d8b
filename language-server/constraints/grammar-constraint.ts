/**
 * A grammar as a constraint: what is written must be able to become an error-free file, and may end only where it
 * joins with the text after the cursor.
 */
import { isReadable, openPrefix, type OpenedPrefix } from '../../syntax/open-prefix.js';
import { extend, type Prefix } from '../../syntax/prefix.js';
import { watchStatements, type StatementWatch } from '../../syntax/statement-end.js';
import { suffixJoin, type SuffixJoin } from '../../syntax/suffix-join.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import type { Closed, Constraint } from './constraint.js';

export interface GrammarPlace {
  readonly language: SyntaxLanguage;
  /** Up to where writing begins: before the lexeme at the cursor, when token healing writes that anew. */
  readonly before: string;
  /** What stands between that and the cursor, to be written first; else nothing. */
  readonly lead?: string;
  readonly after: string;
  /** An earlier reading of the same document; makes opening cheap while someone types. */
  readonly previous?: OpenedPrefix | undefined;
}

/** The caller disposes of it when the request is over. */
export interface GrammarConstraint extends Disposable {
  readonly constraint: Constraint;
  /** Hand it to the next opening of the same document. */
  readonly opened: OpenedPrefix;
  /** Errors before the cursor that were stepped over: the constraint is relative to them. */
  readonly repairs: number;
}

/** The constraint is off, and why, for the trace. */
export interface GrammarOff {
  readonly off: string;
}

export function grammarConstraint(place: GrammarPlace): GrammarConstraint | GrammarOff {
  const { language, before, lead = '', after, previous } = place;
  const opened = openPrefix(language, before, previous);
  if (!isReadable(opened)) return opened;
  const { prefix } = opened;
  const led = extend(prefix, lead);
  // A lead with an error in it is there all the same: that error is stepped over like those before it.
  const whole = led ? opened : openPrefix(language, before + lead, opened);
  if (!isReadable(whole)) return whole;
  // What is written is judged beside the file as it is: without the lead, that may have other errors.
  const join = suffixJoin(led ?? whole.prefix, after);
  const statements = lazyWatch(language, before, after);
  const around = { join, statements };
  return {
    constraint: led ? constrained(prefix, '', around) : behind(lead, constrained(whole.prefix, lead, around)),
    opened,
    repairs: whole.prefix.repairs,
    [Symbol.dispose]() {
      statements[Symbol.dispose]();
    },
  };
}

/** What all states of one request share. */
interface Around {
  readonly join: SuffixJoin;
  readonly statements: StatementWatch;
}

function constrained(prefix: Prefix, written: string, around: Around): Constraint {
  let mayEnd: boolean | undefined;
  const constraint: Constraint = {
    name: 'syntax',
    questions: [],
    after(text) {
      if (text === '') return constraint;
      const next = extend(prefix, text);
      return next && constrained(next, written + text, around);
    },
    mayEnd: () => (mayEnd ??= around.join.joins(prefix)),
    closed: () => justClosed(written, around.statements),
    answered: () => constraint,
  };
  return constraint;
}

/** What a constraint allows once `lead` is written. */
function behind(lead: string, constraint: Constraint): Constraint {
  const waiting: Constraint = {
    name: constraint.name,
    questions: [],
    after(text) {
      if (text.startsWith(lead)) return constraint.after(text.slice(lead.length));
      return lead.startsWith(text) ? behind(lead.slice(text.length), constraint) : undefined;
    },
    mayEnd: () => false,
    closed: () => undefined,
    answered: () => waiting,
  };
  return waiting;
}

/** Statements end with their line or with a bracket or semicolon; elsewhere no parse is spent. */
function justClosed(written: string, statements: StatementWatch): Closed | undefined {
  if (!/([;}]|\n[ \t]*|\bend)$/.test(written)) return undefined;
  const { last, block } = statements.completedIn(written);
  if (block !== undefined) return 'block';
  return last ? 'statement' : undefined;
}

function lazyWatch(language: SyntaxLanguage, before: string, after: string): StatementWatch {
  let watch: StatementWatch | undefined;
  return {
    completedIn: (draft) => (watch ??= watchStatements(language, before, after)).completedIn(draft),
    [Symbol.dispose]() {
      watch?.[Symbol.dispose]();
      watch = undefined;
    },
  };
}
