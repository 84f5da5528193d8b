/** What has been found wrong is not written again: a constraint that refuses one beginning. */
import { anything, type Constraint } from './constraint.js';

/** Refuses texts whose first sign, white space aside, is one of these. */
export function notBeginningWith(signs: RegExp): Constraint {
  const constraint: Constraint = {
    name: 'check',
    questions: [],
    after(text) {
      const begun = text.trimStart();
      if (begun === '') return constraint;
      return signs.test(begun) ? undefined : anything;
    },
    mayEnd: () => true,
    closed: () => undefined,
    answered: () => constraint,
  };
  return constraint;
}

/**
 * Refuses texts that begin with `wrong`, white space aside. Where that ends inside a word, longer words that begin so are
 * others.
 */
export function otherThan(wrong: string): Constraint {
  const said = wrong.trimStart();
  return said === '' ? exactlyNot(wrong) : afterBlanks(differing(said, /[\p{L}\p{N}_$]$/u.test(said)));
}

/** Refuses texts that begin so, white space aside, longer words too. */
export function notBeginning(wrong: string): Constraint {
  const said = wrong.trimStart();
  return said === '' ? exactlyNot(wrong) : afterBlanks(differing(said, false));
}

/** What is blank is refused as it is. */
function exactlyNot(wrong: string): Constraint {
  return wrong === '' ? anything : differing(wrong, false);
}

/** Holds from the first sign on. */
function afterBlanks(then: Constraint): Constraint {
  const constraint: Constraint = {
    name: 'check',
    questions: [],
    after(text) {
      const said = text.trimStart();
      return said === '' ? constraint : then.after(said);
    },
    mayEnd: () => true,
    closed: () => undefined,
    answered: () => constraint,
  };
  return constraint;
}

function differing(wrong: string, isWord: boolean): Constraint {
  const constraint: Constraint = {
    name: 'check',
    questions: [],
    after(text) {
      if (text === '') return constraint;
      if (wrong === '') return /^[\p{L}\p{N}_$]/u.test(text) ? anything : undefined;
      if (!text.startsWith(wrong))
        return wrong.startsWith(text) ? differing(wrong.slice(text.length), isWord) : anything;
      if (!isWord) return undefined;
      return text === wrong ? differing('', isWord) : differing('', isWord).after(text.slice(wrong.length));
    },
    mayEnd: () => wrong !== '',
    closed: () => undefined,
    answered: () => constraint,
  };
  return constraint;
}
