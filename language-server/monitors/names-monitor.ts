/**
 * A monitor of names: where a name of some kind begins, asks which there are, and allows only those.
 *
 * After Agrawal et al., "Guiding Language Models of Code with Global Context using Monitors" (NeurIPS 2023). There a
 * text that ends with `.` is the trigger; here each character of a token is looked at, so that `.get` asks, too, and
 * what stands behind the dot is judged when the answer is there.
 */
import { both, refusing, type Constraint } from '../constraints/constraint.js';
import type { Lexical } from './lexical/lexical.js';
import { assigned, isAssigned } from './assigned.js';
import { NameList } from './name-list.js';
import { isNames, type NamesKind, type ProgramQuestion } from './questions.js';
import { ask, isBeforeCursor, onward, type Around, type Spot } from './spot.js';

/** Which names a monitor watches. */
export interface Watch {
  /** In one word, for the trace. */
  readonly name: string;
  /** What to ask, where such a name begins. */
  readonly begins: (at: Lexical, around: Around) => NamesKind | undefined;
  /** Whether a name may go on with this character, whatever names there are. */
  readonly isPart: (unit: string, typed: string) => boolean;
  /** Names that are always right besides those of the answer. */
  readonly also?: readonly string[];
  /** Whether a beginning of a name is right whatever the answer says. */
  readonly isFree?: (typed: string) => boolean;
  /** Whether nothing at all may stand where a name could begin. */
  readonly mayBeEmpty?: boolean;
  /** Whether a new name may come to be at the place, by an assignment to it. */
  readonly mayCreate?: (at: Lexical, around: Around) => boolean;
}

/** Names as most languages spell them. */
export function isNamePart(unit: string, typed: string): boolean {
  return /[A-Za-z_$]/.test(unit) || unit > '\x7f' || (typed !== '' && /\d/.test(unit));
}

interface Request {
  readonly watch: Watch;
  readonly around: Around;
}

/** The monitor, from where reading begins. */
export function namesMonitor(watch: Watch, around: Around, start: Spot): Constraint {
  const request = { watch, around };
  return at(request, start, watch.begins(start.lexical, around));
}

function at(request: Request, spot: Spot, begins: NamesKind | undefined): Constraint {
  if (begins === undefined) return waiting(request, spot);
  return asking(request, spot, ask(begins, spot, request.around), '');
}

interface Waiting {
  readonly abstains?: string | undefined;
  /** The next name is not watched. */
  readonly ignoresNext?: boolean | undefined;
}

function waiting(request: Request, spot: Spot, state: Waiting = {}): Constraint {
  const { watch } = request;
  const constraint: Constraint = {
    name: watch.name,
    questions: [],
    ...(state.abstains !== undefined && { abstains: state.abstains }),
    after: (text) =>
      text === '' ? constraint : read(request, spot, { ...state, abstains: undefined }, text),
    mayEnd: () => true,
    closed: () => undefined,
    answered: () => constraint,
    released: (by) => (by.has(watch.name) ? waiting(request, spot, { ignoresNext: true }) : constraint),
  };
  return constraint;
}

/** Reads on until a name begins that is watched. */
function read(request: Request, spot: Spot, state: Waiting, text: string): Constraint {
  const { watch, around } = request;
  let here = spot;
  let { ignoresNext } = state;
  for (let index = 0; index < text.length; index++) {
    const before = here.lexical;
    here = onward(here, text[index]!);
    const begins = beginsNow(watch, around, before, here.lexical);
    if (begins === undefined) continue;
    if (ignoresNext !== true) return at(request, here, begins).after(text.slice(index + 1))!;
    ignoresNext = false;
  }
  return waiting(request, here, { abstains: state.abstains, ignoresNext });
}

/** What begins with the latest character: blanks after a sign do not begin a name once more. */
function beginsNow(watch: Watch, around: Around, before: Lexical, now: Lexical): NamesKind | undefined {
  const begins = watch.begins(now, around);
  if (begins === undefined || now.inside === 'string') return begins;
  const isSame = before.tail?.ordinal === now.tail?.ordinal && before.tail?.text === now.tail?.text;
  return isSame && watch.begins(before, around) !== undefined ? undefined : begins;
}

/** Whether a sign only went on with the next character, `=` to `==` or `-` to `->`: then no name had begun. */
function goesOn(spot: Spot, unit: string): boolean {
  const { tail, inside, blank } = spot.lexical;
  if (inside !== 'code' || blank || tail?.kind !== 'sign') return false;
  const next = onward(spot, unit).lexical.tail;
  return next?.kind === 'sign' && next.ordinal === tail.ordinal && next.text !== tail.text;
}

function asking(request: Request, spot: Spot, question: ProgramQuestion, since: string): Constraint {
  const { watch } = request;
  const constraint: Constraint = {
    name: watch.name,
    questions: [question],
    after(text) {
      if (text === '') return constraint;
      const isMoot = since === '' && goesOn(spot, text[0]!);
      return isMoot ? read(request, spot, {}, text) : asking(request, spot, question, since + text);
    },
    mayEnd: () => true,
    closed: () => undefined,
    answered(asked, answer) {
      if (asked.key !== question.key) return constraint;
      const names = namesOf(answer, watch);
      if (typeof names === 'string')
        return read(request, spot, { abstains: `${watch.name}: ${names}` }, since);
      return choosing(request, spot, names, '').after(since) ?? refusing(constraint);
    },
    released: (by) => (by.has(watch.name) ? read(request, spot, {}, since) : constraint),
  };
  return constraint;
}

/** The names to choose from; or why the choice is free. */
function namesOf(answer: unknown, watch: Watch): NameList | string {
  if (!isNames(answer)) {
    return hasReason(answer) ? answer.unknown : 'no answer';
  }
  if (!answer.complete) return 'incomplete list';
  if (answer.names.length === 0) return 'empty list';
  return NameList.of(answer, watch.also);
}

function hasReason(answer: unknown): answer is { readonly unknown: string } {
  return typeof answer === 'object' && answer !== null && 'unknown' in answer;
}

function choosing(
  request: Request,
  spot: Spot,
  names: NameList,
  typed: string,
  mayCreate = request.watch.mayCreate?.(spot.lexical, request.around) ?? false,
): Constraint {
  const { watch, around } = request;
  const isUnbegun = typed === '' || spot.text.length <= around.lead;
  const isRight = (name: string): boolean => names.has(name) || watch.isFree?.(name) === true;
  const constraint: Constraint = {
    name: watch.name,
    questions: [],
    after(text) {
      if (text === '') return constraint;
      const unit = text[0]!;
      const rest = text.slice(1);
      const more = typed + unit;
      if (names.begins(more) || watch.isFree?.(more) === true) {
        return choosing(request, onward(spot, unit), names, more, mayCreate).after(rest);
      }
      if (mayCreate && watch.isPart(unit, typed))
        return choosing(request, onward(spot, unit), names, more, mayCreate).after(rest);
      if (typed === '' && /\s/.test(unit) && spot.lexical.inside === 'code') {
        return choosing(request, onward(spot, unit), names, '', mayCreate).after(rest);
      }
      const mayLeave =
        isBeforeCursor(spot, around) || (watch.isPart(unit, typed) ? false : typed === '' || isRight(typed));
      const onwards = waiting(request, spot);
      if (mayLeave) return onwards.after(text);
      return mayCreate && typed !== ''
        ? both(assigned(watch.name, around.after), onwards).after(text)
        : undefined;
    },
    mayEnd() {
      const whole = typed + beginningOf(around.after, watch);
      if (whole === '') return watch.mayBeEmpty === true;
      return isRight(whole) || (mayCreate && isAssigned(around.after.slice(whole.length - typed.length)));
    },
    closed: () => undefined,
    answered: () => constraint,
    // Once the model has begun one of the names, it goes on with it.
    ...(isUnbegun && { released: (by) => (by.has(watch.name) ? waiting(request, spot) : constraint) }),
  };
  return constraint;
}

/** The rest of a name that the cursor stands in. */
function beginningOf(text: string, { isPart }: Watch): string {
  let length = 0;
  while (length < text.length && isPart(text[length]!, 'x')) length++;
  return text.slice(0, length);
}
