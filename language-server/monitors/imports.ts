/** Imports: which module paths there are, and what a module exports. */
import type { Bracket, Lexeme } from './lexical/lexeme.js';
import type { Lexical } from './lexical/lexical.js';
import { isNamePart, type Watch } from './names-monitor.js';
import type { NamesKind } from './questions.js';
import type { Around } from './spot.js';
import { firstOfLine } from './statement.js';

/** Languages whose modules are named by strings. */
const javascript = /^(?:java|type)script(?:react)?$/;

export const exported: Watch = {
  name: 'exports',
  isPart: isNamePart,
  also: ['type', '*'],
  mayBeEmpty: true,
  begins(at, around) {
    if (at.inside !== 'code') return undefined;
    if (around.languageId === 'python') return pythonImport(at) === 'names' ? 'exports' : undefined;
    return javascript.test(around.languageId) && isImportedName(at, around) ? 'exports' : undefined;
  },
};

export const modules: Watch = {
  name: 'modules',
  isPart: (unit) => !/['"`/\s.;,]/.test(unit),
  mayBeEmpty: true,
  begins(at, { languageId }) {
    if (languageId === 'python') return pythonImport(at) === 'module' ? 'modules' : undefined;
    return javascript.test(languageId) ? modulePath(at) : undefined;
  },
};

/** Whether a string in JavaScript names a module. */
export function isModulePath(at: Lexical): boolean {
  const before = at.tail;
  if (before?.kind === 'word') return /^(?:from|import)$/.test(before.text);
  return before?.text === '(' && /^(?:require|import)$/.test(before.previous?.text ?? '');
}

function modulePath(at: Lexical): NamesKind | undefined {
  if (at.inside !== 'string' || !at.string || !isModulePath(at)) return undefined;
  return at.string.isEmpty || at.recent.endsWith('/') ? 'modules' : undefined;
}

/** `import { a, | } from 'm'`, where the text after the cursor says which module. */
function isImportedName(at: Lexical, { after }: Around): boolean {
  const { open, tail } = at;
  if (!open || !tail || !isImportBrace(open)) return false;
  if (!/^[^{};'"]*\}\s*from\s*['"]/.test(after)) return false;
  if (tail === open.opener || tail.text === ',') return true;
  return tail.text === 'type' && at.blank && /^[{,]$/.test(tail.previous?.text ?? '');
}

function isImportBrace({ sign, opener }: Bracket): boolean {
  if (sign !== '{') return false;
  let at: Lexeme | undefined = opener.previous;
  if (at?.text === ',') at = at.previous?.previous;
  if (at?.text === 'type') at = at.previous;
  return at?.text === 'import' || at?.text === 'export';
}

/** What may be named at this place of an import statement. */
function pythonImport(at: Lexical): 'module' | 'names' | undefined {
  const { tail } = at;
  if (at.inside !== 'code' || !tail) return undefined;
  const first = firstOfLine(tail, at.open);
  if (first?.text !== 'from' && first?.text !== 'import') return undefined;
  if (first.text === 'from') {
    const named = importWord(tail, first);
    if (named) return isNextName(tail, named, at.blank) ? 'names' : undefined;
    // `from . import a` names no module after its dots, or it may.
    if (tail.text === '.') return tail.previous === first ? undefined : 'module';
    return tail === first && at.blank ? 'module' : undefined;
  }
  if (tail.text === '.' || tail.text === ',') return 'module';
  return tail === first && at.blank ? 'module' : undefined;
}

/** The `import` of `from m import`, if it stands before the place. */
function importWord(last: Lexeme, first: Lexeme): Lexeme | undefined {
  for (let at: Lexeme | undefined = last; at && at !== first; at = at.previous)
    if (at.text === 'import') return at;
  return undefined;
}

function isNextName(tail: Lexeme, named: Lexeme, blank: boolean): boolean {
  if (tail === named) return blank;
  return tail.text === ',' || (tail.text === '(' && tail.previous === named);
}
