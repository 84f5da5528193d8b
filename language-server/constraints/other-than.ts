/** What has been found wrong is not written again: a constraint that refuses one beginning. */
import { anything, type Constraint } from './constraint.js';

/** Refuses texts whose first sign, white space aside, is one of these. */
export function notBeginningWith(signs: RegExp): Constraint {
  return afterBlanks((said) => (signs.test(said) ? undefined : anything));
}

/** Refuses texts that begin with `wrong`, white space aside, longer words too. What is blank is refused as it is. */
export function notBeginning(wrong: string): Constraint {
  const said = wrong.trimStart();
  if (said === '') return otherThan(wrong);
  const other = differing(said, false);
  return afterBlanks((text) => other.after(text));
}

/**
 * Refuses texts that begin with `wrong`, white space aside. Where that ends inside a word, longer words that begin so are
 * others. What is blank is refused as it is.
 */
export function otherThan(wrong: string): Constraint {
  if (wrong === '') return anything;
  const said = wrong.trimStart();
  if (said === '') return differing(wrong, false);
  const other = differing(said, /[\p{L}\p{N}_$]$/u.test(said));
  return afterBlanks((text) => other.after(text));
}

/** Holds `from` the first sign on. */
function afterBlanks(from: (said: string) => Constraint | undefined): Constraint {
  const constraint: Constraint = {
    name: 'check',
    questions: [],
    after(text) {
      const said = text.trimStart();
      return said === '' ? constraint : from(said);
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
