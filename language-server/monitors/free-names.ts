/** Free names: what is in scope, where only a reference can stand. */
import { endsExpression, type Lexeme } from './lexical/lexeme.js';
import type { Lexical } from './lexical/lexical.js';
import { isNamePart, type Watch } from './names-monitor.js';
import type { Around } from './spot.js';

/** Words and signs after which a name refers to something that is there: no declaration, parameter or key can follow. */
interface ReferenceSigns {
  readonly words: RegExp;
  /** Signs between two operands. */
  readonly operators: RegExp;
  /** Words before an operator's left side that make it something else: `import * as`, `function* name`. */
  readonly others: RegExp;
  /** Words that begin an expression, whatever the answer tells. */
  readonly also: readonly string[];
}

const typescript: ReferenceSigns = {
  words: /^(?:new|typeof|await|throw|instanceof|extends|void|delete)$/,
  operators: /^(?:[-+%]|\*\*|&&|\|\||\?\?|[!=]==?|>=|<=|[-+*/%]=)$/,
  others: /^(?:function|import|export|async|static|default)$/,
  also: words(
    'this super null true false undefined new typeof await async function class void delete import',
  ),
};

const signs: Readonly<Record<string, ReferenceSigns>> = {
  typescript,
  typescriptreact: typescript,
  python: {
    words: /^(?:return|not|and|or|in|if|elif|while|is|raise|await|assert|yield|except|else)$/,
    operators: /^(?:[-+%/<>|&]|\*\*?|\/\/|[!=<>]=|[-+*/%|&]=|->)$/,
    others: /^(?:lambda|import|def)$/,
    also: words('None True False not lambda await yield from and or is in if else print __name__'),
  },
};

function words(text: string): readonly string[] {
  return text.split(' ');
}

export const freeNames = (languageId: string): Watch => ({
  name: 'names',
  isPart: isNamePart,
  also: signs[languageId]?.also ?? [],
  mayBeEmpty: true,
  begins(at, around) {
    return isReference(at, around) ? 'free-names' : undefined;
  },
});

function isReference(at: Lexical, { languageId }: Around): boolean {
  const rules = signs[languageId];
  const { tail } = at;
  if (!rules || !tail || at.inside !== 'code') return false;
  // In brackets, Python may bind the name later: `[a + b for a, b in pairs]`.
  if (languageId === 'python' && at.open && !at.open.resumes) return false;
  if (tail.kind === 'word') return at.blank && rules.words.test(tail.text) && !isMember(tail);
  if (tail.kind !== 'sign') return false;
  if (tail === at.open?.opener) return at.open.resumes !== undefined;
  if (tail.text === '@') return tail.startsLine;
  return rules.operators.test(tail.text) && isOperand(tail.previous, rules) && !tail.startsLine;
}

function isMember(word: Lexeme): boolean {
  return word.previous?.text === '.' || word.previous?.text === '?.';
}

function isOperand(lexeme: Lexeme | undefined, { others }: ReferenceSigns): boolean {
  return endsExpression(lexeme) && !others.test(lexeme?.text ?? '');
}
