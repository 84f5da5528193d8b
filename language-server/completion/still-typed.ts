/** Recent answers, and what is left of them where the user has typed into them: the model need not be asked again. */
import type { CompletionContext } from './completion-context.js';
import { fitLineSuffix } from './filters/fit-line-suffix.js';
import type { Suggestion } from './present.js';
import type { Silence } from './silence.js';

/** An answer with the place it was given for. */
export interface Answer {
  readonly uri: string;
  /** Length of the text before the cursor; with the text near it, that names the place. */
  readonly at: number;
  readonly near: Near;
  readonly suggestions: readonly Suggestion[];
  /** Why there are no suggestions; kept only when asking again would tell the same. */
  readonly silence?: Silence;
  /** Whether all suggestions that can be asked for are among them, not only the first. */
  readonly complete: boolean;
}

export interface Near {
  readonly before: string;
  readonly after: string;
}

/** What is left of an answer at the cursor. */
export interface Remembered {
  readonly answer: Answer;
  /** Without what has been typed since. */
  readonly suggestions: readonly Suggestion[];
  readonly silence?: Silence;
  /** Whether anything has been typed since. */
  readonly typedInto: boolean;
}

/** Answers kept (llama.vscode and Cody: 250; Copilot: 100). */
const CAPACITY = 200;
/** Text that must be the same on either side of the place; edits farther away do not spoil a suggestion. */
const NEAR_BEFORE = 1_000;
const NEAR_AFTER = 500;
/** The most that a user types into one suggestion. */
const LONGEST_TYPED = 2_000;
/** Closers that the editor has put in while the user typed an opener. */
const closedByEditor = /^[)\]}>"'`]{0,8}/;

export function placeOf(
  context: Pick<CompletionContext, 'document' | 'before' | 'after'>,
): Omit<Answer, 'suggestions' | 'silence' | 'complete'> {
  const { before, after } = context;
  return {
    uri: context.document.uri,
    at: before.length,
    near: { before: before.slice(-NEAR_BEFORE), after: after.slice(0, NEAR_AFTER) },
  };
}

/** The answers, newest first when looked through. The only mutable state of this file. */
export class RecentAnswers {
  private answers: readonly Answer[] = [];

  remember(answer: Answer): void {
    const others = this.answers.filter((other) => !isSamePlace(other, answer));
    this.answers = [answer, ...others].slice(0, CAPACITY);
  }

  /** The newest answer that still holds at the cursor, moved to the front; answers for the very place come first. */
  find(context: CompletionContext): Remembered | undefined {
    const found = this.answers
      .map((answer) => leftOf(answer, context))
      .filter((left) => left !== undefined)
      .sort((a, b) => Number(a.typedInto) - Number(b.typedInto));
    const [best] = found;
    if (best) this.answers = [best.answer, ...this.answers.filter((other) => other !== best.answer)];
    return best;
  }

  forget(): void {
    this.answers = [];
  }
}

function isSamePlace(a: Answer, b: Answer): boolean {
  return a.uri === b.uri && a.at === b.at && a.near.before === b.near.before && a.near.after === b.near.after;
}

function leftOf(answer: Answer, context: CompletionContext): Remembered | undefined {
  const { document, before, after } = context;
  const length = before.length - answer.at;
  if (answer.uri !== document.uri || length < 0 || LONGEST_TYPED < length) return undefined;
  if (!before.slice(0, answer.at).endsWith(answer.near.before)) return undefined;
  const change = changeAfter(answer.near.after, after, length);
  if (change === undefined) return undefined;
  if (length === 0) {
    const { suggestions, silence } = answer;
    return { answer, suggestions, ...(silence && { silence }), typedInto: false };
  }
  const typed = before.slice(answer.at);
  const suggestions = answer.suggestions
    .filter((suggestion) => suggestion.text.length > typed.length && suggestion.text.startsWith(typed))
    .map((suggestion) => without(suggestion, typed, change, context));
  return suggestions.length === 0 ? undefined : { answer, suggestions, typedInto: true };
}

/** The suggestion without what has been typed of it. It replaces what it did, as far as that still stands there. */
function without(
  suggestion: Suggestion,
  typed: string,
  change: number,
  context: CompletionContext,
): Suggestion {
  const text = suggestion.text.slice(typed.length);
  if (0 < change) return { ...suggestion, ...fitLineSuffix(text, context) };
  return { ...suggestion, text, replaced: Math.max(suggestion.replaced + change, 0) };
}

/**
 * How many closers the editor has put in after the cursor while the user typed an opener (more than 0), or taken away
 * since the user typed them (less than 0). Undefined when the text after the cursor has changed otherwise.
 */
export function changeAfter(once: string, now: string, typed: number): number | undefined {
  const whole = once.length < NEAR_AFTER;
  const isSame = (a: string, b: string) => (whole ? a === b : b.startsWith(a));
  if (isSame(once, now)) return 0;
  if (typed === 0) return undefined;
  for (let count = 1; count <= closersOf(now); count++) if (isSame(once, now.slice(count))) return count;
  for (let count = 1; count <= closersOf(once); count++) if (isSame(once.slice(count), now)) return -count;
  return undefined;
}

function closersOf(text: string): number {
  return closedByEditor.exec(text)![0].length;
}
