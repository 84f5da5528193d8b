/**
 * What monitors ask an analysis server, and what it may answer. Plain data: it crosses threads.
 *
 * A question names a place in a program that nobody has saved: the document up to the cursor, less its last `back`
 * characters, then `written`, then what follows the cursor. The place is at the end of `written`. The server knows the
 * document; only `back` and `written` cross.
 *
 * | kind | LSP request at the place | answer |
 * | --- | --- | --- |
 * | `members` | completion, triggered by the sign before the place; once more with `closers` inserted; the union | Names |
 * | `exports` | completion inside `import { … }`, or after `from m import` | Names |
 * | `modules` | completion inside a module path: what may stand up to the next `/`, `.` or quote | Names |
 * | `free-names` | completion where an expression begins, without names that would have to be imported first | Names |
 * | `keys` | completion where a key of an object literal begins, once more with `closers`; the properties only | Names |
 * | `attributes` | completion inside a JSX tag | Names |
 * | `strings` | completion inside a string literal, after its opening quote | Names, without quotes |
 * | `json-keys` | completion inside the quotes of a JSON key | Names, without quotes |
 * | `json-values` | completion where a JSON value begins | Names as they are written, strings with their quotes |
 * | `signatures` | signatureHelp after `(`, once more with `closers` | Signatures |
 * | `diagnostics` | pull diagnostics of the text with `written`, less those of the text without it, and without its line | Diagnostics |
 */
import type { Question } from '../constraints/constraint.js';

export type NamesKind =
  | 'members'
  | 'exports'
  | 'modules'
  | 'free-names'
  | 'keys'
  | 'attributes'
  | 'strings'
  | 'json-keys'
  | 'json-values';

export type QuestionKind = NamesKind | 'signatures' | 'diagnostics';

export interface ProgramQuestion extends Question {
  readonly kind: QuestionKind;
  /** Characters (UTF-16 units) before the cursor that are left out: the place lies before it. Then `written` is ''. */
  readonly back: number;
  /** Brackets that are open at the place and not closed after the cursor, innermost first: `)}`. '' when none is. */
  readonly closers: string;
}

/** What may stand at a place. */
export interface Names {
  readonly names: readonly Name[];
  /**
   * Whether any other name would be an error. False for lists that were capped, for receivers whose type is not known,
   * for types that take further keys: then nothing is constrained.
   */
  readonly complete: boolean;
}

/** A name as it would be written at the place: no snippet, no `?.` before it, no call after it. */
export interface Name {
  readonly text: string;
  readonly kind: NameKind;
}

export type NameKind =
  | 'method'
  | 'property'
  | 'function'
  | 'variable'
  | 'class'
  | 'interface'
  | 'module'
  | 'enum'
  | 'enum-member'
  | 'keyword'
  | 'literal'
  | 'other';

/** The ways in which a call may be made: all overloads. */
export interface Signatures {
  readonly signatures: readonly Signature[];
  /** Whether any other call would be an error. */
  readonly complete: boolean;
}

export interface Signature {
  /** In their order, without a receiver that is bound (`self`, `this`). */
  readonly parameters: readonly Parameter[];
}

export interface Parameter {
  readonly name: string;
  /** Has a default, or may be left out. */
  readonly optional: boolean;
  /** Takes all further arguments: by position (`...rest`, `*args`) or by name (`**keywords`). */
  readonly rest?: 'position' | 'name';
  /** How an argument reaches it, where there is only one way; by position or by name (Python) when left out. */
  readonly only?: 'position' | 'name';
}

/** What a draft has made worse. */
export interface Diagnostics {
  readonly added: readonly Diagnostic[];
}

export interface Diagnostic {
  /** From the cursor on, in UTF-16 units; negative before it. */
  readonly start: number;
  readonly end: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly code?: string;
}

/** Why nobody can say, for the trace. An answer of undefined is as good. */
export interface Unknown {
  readonly unknown: string;
}

export type Answer = Names | Signatures | Diagnostics | Unknown | undefined;

/** Equal places have equal answers within one document version. */
export function questionAt(
  kind: QuestionKind,
  place: Pick<ProgramQuestion, 'written' | 'back' | 'closers'>,
): ProgramQuestion {
  return { key: `${kind} ${place.back} ${whatCounts(kind, place.written)}`, kind, ...place };
}

/** What may bring a name into scope, or take one out of it. */
const BINDS =
  /[{};\n]|=>|:=|(?<![=!<>+\-*/%&|^?])=(?!=)|\b(?:function|class|const|let|var|import|lambda|def|for|with|as|catch)\b/;

/**
 * What may tell more of the type of a name than its declaration does, or bind it by a sign that is another elsewhere
 * (`->`, `|x|`); and type arguments, since a name may stand for other things among types.
 */
const NARROWS =
  /&&|\|[^|]*\||->|:|\?(?!\.)|[=!]=|[\p{L}\p{N}_$]<|\b(?:and|or|not|if|else|is|in|isinstance|instanceof|typeof)\b/u;

/** A receiver at the end that is all there: names with dots between, behind something that is no part of it. */
const RECEIVER =
  /(?<!\.\s*)(?<=[\s([{,=+\-*/%<&|^~])[\p{L}_$][\p{L}\p{N}_$]*(?:\??\.[\p{L}_$][\p{L}\p{N}_$]*)*\??\.$/u;

/**
 * Of what has been written, all that the answer depends on: within one expression, the same names are in scope, and
 * have the same members.
 */
function whatCounts(kind: QuestionKind, written: string): string {
  if (BINDS.test(written)) return written;
  if (kind === 'members' && !NARROWS.test(written)) {
    const [receiver] = RECEIVER.exec(written) ?? [];
    return receiver === undefined ? written : `… ${receiver}`;
  }
  if (kind !== 'free-names') return written;
  const [sign = ''] = /(?:[\p{L}\p{N}_$]+|[^\p{L}\p{N}_$\s]+)\s*$/u.exec(written) ?? [];
  return `… ${sign.trimEnd()}`;
}

export function isNames(answer: unknown): answer is Names {
  return typeof answer === 'object' && answer !== null && 'names' in answer;
}

export function isSignatures(answer: unknown): answer is Signatures {
  return typeof answer === 'object' && answer !== null && 'signatures' in answer;
}

export function isUnknown(answer: unknown): answer is Unknown {
  return typeof answer === 'object' && answer !== null && 'unknown' in answer;
}

export function isDiagnostics(answer: unknown): answer is Diagnostics {
  return typeof answer === 'object' && answer !== null && 'added' in answer;
}
