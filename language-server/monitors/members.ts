/** Members: what may stand after a dereference. */
import { endsExpression, type Lexeme } from './lexical/lexeme.js';
import type { Lexical } from './lexical/lexical.js';
import { isNamePart, type Watch } from './names-monitor.js';
import type { NamesKind } from './questions.js';
import type { Around } from './spot.js';
import { firstOfLine } from './statement.js';

const dots = ['.', '?.'];

/** The signs that dereference, by language id. */
const dereferences: Readonly<Record<string, readonly string[]>> = {
  typescript: dots,
  typescriptreact: dots,
  javascript: dots,
  javascriptreact: dots,
  python: ['.'],
  go: ['.'],
  java: ['.', '::'],
  csharp: ['.', '?.'],
  rust: ['.', '::'],
  c: ['.', '->'],
  cpp: ['.', '->', '::'],
  php: ['->', '::'],
};

export const members: Watch = {
  name: 'members',
  begins,
  mayCreate: (at, { languageId }) => !isInList(at) && createsProperty(at.tail?.previous, languageId),
  isPart: (unit, typed) => unit === '#' || isNamePart(unit, typed),
};

function begins(at: Lexical, { languageId }: Around): NamesKind | undefined {
  if (at.inside !== 'code') return undefined;
  const sign = at.tail;
  if (sign?.kind !== 'sign' || dereferences[languageId]?.includes(sign.text) !== true) return undefined;
  const receiver = sign.previous;
  if (!hasReceiver(receiver)) return undefined;
  if (languageId === 'python' && /^(?:from|import)$/.test(firstOfLine(sign, at.open)?.text ?? '')) {
    return undefined;
  }
  return 'members';
}

/** Between round or square brackets no statement begins. */
function isInList({ open }: Lexical): boolean {
  return open !== undefined && open.sign !== '{';
}

function hasReceiver(receiver: Lexeme | undefined): boolean {
  if (receiver?.kind === 'number') return !receiver.text.endsWith('.');
  // `a!.b`: not null.
  if (receiver?.text === '!') return !receiver.spaced && endsExpression(receiver.previous);
  return receiver?.text === 'import' || endsExpression(receiver);
}

/** Receivers whose properties come to be by assignment: at the beginning of a statement, one may be about to. */
const creators: Readonly<Record<string, RegExp>> = {
  python: /^(?:self|cls)$/,
  javascript: /^(?:this|exports|prototype)$/,
  javascriptreact: /^(?:this|exports|prototype)$/,
};

function createsProperty(receiver: Lexeme | undefined, languageId: string): boolean {
  if (!receiver || creators[languageId]?.test(receiver.text) !== true) return false;
  let first = receiver;
  while (first.previous && dots.includes(first.previous.text) && first.previous.previous)
    first = first.previous.previous;
  return first.startsLine;
}
