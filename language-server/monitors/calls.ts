/** Calls: neither too few nor too many arguments, and, in Python, only keywords that there are. */
import { refusing, type Constraint } from '../constraints/constraint.js';
import { argumentsUpTo, isEnough, namesLeft, takes, takesAnother, type Arguments } from './arguments.js';
import { endsExpression, type Bracket, type Lexeme } from './lexical/lexeme.js';
import type { Lexical } from './lexical/lexical.js';
import { isSignatures, questionAt, type ProgramQuestion, type Signature } from './questions.js';
import { ask, isBeforeCursor, onward, type Around, type Spot } from './spot.js';

/** Calls whose signatures are known, the innermost first. */
interface Call {
  readonly bracket: Lexeme;
  readonly signatures: readonly Signature[];
  readonly outer: Call | undefined;
}

/** The monitor, from where reading begins; a call that is open there is watched, too. */
export function callMonitor(around: Around, start: Spot): Constraint {
  const { open } = start.lexical;
  if (!open || !isCall(open)) return reading(around, { spot: start, call: undefined });
  // Its bracket stands before the place where reading begins.
  const back = around.lead + start.lexical.position - (open.opener.from + 1);
  const question = questionAt('signatures', { ...ask('signatures', start, around), written: '', back });
  return asking(around, { spot: start, call: undefined }, open, question, '');
}

interface State {
  readonly spot: Spot;
  readonly call: Call | undefined;
  readonly abstains?: string | undefined;
  /** The next call is not watched. */
  readonly ignoresNext?: boolean | undefined;
}

function reading(around: Around, state: State): Constraint {
  const { spot, call, abstains, ignoresNext } = state;
  const constraint: Constraint = {
    name: 'arguments',
    questions: [],
    ...(abstains !== undefined && { abstains }),
    after: (text) => (text === '' ? constraint : read(around, { spot, call, ignoresNext }, text)),
    mayEnd: () => mayEnd(around, spot.lexical, call),
    closed: () => undefined,
    answered: () => constraint,
    released: (by) =>
      by.has('arguments') ? reading(around, { spot, call: undefined, ignoresNext: true }) : constraint,
  };
  return constraint;
}

function asking(
  around: Around,
  state: State,
  bracket: Bracket,
  question: ProgramQuestion,
  since: string,
): Constraint {
  const { spot, call } = state;
  const constraint: Constraint = {
    name: 'arguments',
    questions: [question],
    after: (text) => (text === '' ? constraint : asking(around, state, bracket, question, since + text)),
    mayEnd: () => true,
    closed: () => undefined,
    answered(asked, answer) {
      if (asked.key !== question.key) return constraint;
      if (!isSignatures(answer) || !answer.complete || answer.signatures.length === 0) {
        return read(around, { ...state, abstains: 'arguments: no signature' }, since) ?? refusing(constraint);
      }
      const known = { bracket: bracket.opener, signatures: answer.signatures, outer: call };
      return read(around, { spot, call: known }, since) ?? refusing(constraint);
    },
    released: (by) =>
      by.has('arguments') ? (read(around, { spot, call: undefined }, since) ?? constraint) : constraint,
  };
  return constraint;
}

/** Reads on until a call opens or an argument is wrong. */
function read(around: Around, state: State, text: string): Constraint | undefined {
  let { spot, call, ignoresNext } = state;
  for (let index = 0; index < text.length; index++) {
    const unit = text[index]!;
    const next = onward(spot, unit);
    if (!isBeforeCursor(spot, around) && !isRight(spot.lexical, next.lexical, unit, call)) return undefined;
    call = stillOpen(call, next.lexical.open);
    const opened = newBracket(spot.lexical, next.lexical);
    spot = next;
    if (!opened || !isCall(opened)) continue;
    if (ignoresNext === true) {
      ignoresNext = false;
      continue;
    }
    const question = ask('signatures', spot, around);
    return asking(around, { spot, call }, opened, question, '').after(text.slice(index + 1));
  }
  return reading(around, { spot, call, abstains: state.abstains, ignoresNext });
}

function newBracket(before: Lexical, now: Lexical): Bracket | undefined {
  return now.inside === 'code' && now.open && now.open.outer === before.open ? now.open : undefined;
}

/** Without the calls that have been closed. */
function stillOpen(call: Call | undefined, open: Bracket | undefined): Call | undefined {
  let known = call;
  while (known && !isOpen(known, open)) known = known.outer;
  return known;
}

function isOpen(call: Call, open: Bracket | undefined): boolean {
  for (let bracket = open; bracket; bracket = bracket.outer) if (bracket.opener === call.bracket) return true;
  return false;
}

/** Whether the step from one place to the next leaves the innermost call as its signatures want it. */
function isRight(before: Lexical, now: Lexical, unit: string, call: Call | undefined): boolean {
  const { open, tail } = before;
  if (!call || !tail || before.inside !== 'code' || open?.opener !== call.bracket) return true;
  if (/[\s/#]/.test(unit)) return true;
  if (unit === ')') {
    const given = argumentsUpTo(tail, open);
    return given.unsure || call.signatures.some((signature) => isEnough(signature, given));
  }
  if (tail === open.opener || tail.text === ',') return mayBegin(before, open, unit, call);
  if (isFirstWord(now, open)) return mayName(now, open, call);
  if (tail.text === '=' && !before.blank && unit !== '=' && isFirst(tail.previous, open)) {
    const given = argumentsUpTo(tail, open);
    return given.unsure || call.signatures.some((signature) => takes(signature, given));
  }
  return true;
}

/** Whether an argument may begin with this character. */
function mayBegin(before: Lexical, open: Bracket, unit: string, call: Call): boolean {
  if (/[.*,]/.test(unit)) return true;
  const given = argumentsUpTo(before.tail, open);
  if (given.unsure || call.signatures.some((signature) => takesAnother(signature, given))) return true;
  return beginsName(unit, given, call);
}

/** Where no argument can be given by position, whether the first word of this one can still name a parameter. */
function mayName(now: Lexical, open: Bracket, call: Call): boolean {
  const given = argumentsUpTo(now.tail?.previous, open);
  if (given.unsure || call.signatures.some((signature) => takesAnother(signature, given))) return true;
  return beginsName(now.word, given, call);
}

function beginsName(text: string, given: Arguments, call: Call): boolean {
  return call.signatures.some(
    (signature) =>
      takes(signature, given) &&
      (namesLeft(signature, given)?.some((name) => name.startsWith(text)) ?? /^[\p{L}_]/u.test(text)),
  );
}

function isFirstWord(now: Lexical, open: Bracket): boolean {
  return now.word !== '' && now.open === open && isFirst(now.tail, open);
}

/** Whether it is the first lexeme of an argument. */
function isFirst(lexeme: Lexeme | undefined, { opener }: Bracket): boolean {
  return lexeme?.kind === 'word' && (lexeme.previous === opener || lexeme.previous?.text === ',');
}

/** A call whose bracket is closed right after the cursor is complete when the text ends. */
function mayEnd({ after }: Around, { open, tail, inside }: Lexical, call: Call | undefined): boolean {
  if (!call || open?.opener !== call.bracket || inside !== 'code' || !/^\s*\)/.test(after)) return true;
  const given = argumentsUpTo(tail, open);
  return given.unsure || call.signatures.some((signature) => isEnough(signature, given));
}

/** Words before brackets that call nothing. */
const keywords =
  /^(?:if|while|for|switch|catch|with|return|typeof|await|function|super|import|elif|in|and|or|not|is|lambda|print|def|class|constructor|of|do|else|case|new|throw|yield|void|delete|del|except|match|assert)$/;

function isCall({ sign, opener, resumes }: Bracket): boolean {
  const callee = opener.previous;
  if (sign !== '(' || resumes || !callee) return false;
  if (callee.text === '?.') return true;
  if (callee.kind !== 'word' || !endsExpression(callee)) return false;
  const before = callee.previous?.text ?? '';
  if (before === '.' || before === '?.') return true;
  return !keywords.test(callee.text) && !/^(?:function|def|class|\*|fn|func)$/.test(before);
}
