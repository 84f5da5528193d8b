/** Keys of typed object literals, and attributes of JSX tags. */
import type { Bracket } from './lexical/lexeme.js';
import { isNamePart, type Watch } from './names-monitor.js';

const typed = /^typescript(?:react)?$/;

export const keys: Watch = {
  name: 'keys',
  isPart: isNamePart,
  also: ['async', 'get', 'set'],
  mayBeEmpty: true,
  begins(at, { languageId }) {
    const { open, tail } = at;
    if (at.inside !== 'code' || !open || !tail || !typed.test(languageId) || !isObject(open))
      return undefined;
    return tail === open.opener || tail.text === ',' ? 'keys' : undefined;
  },
};

/** Whether a brace opens an object literal, and no block and no type: as far as the sign before it tells. */
function isObject({ sign, opener, outer, resumes }: Bracket): boolean {
  const isInJsx = outer?.sign === '<' || outer?.sign === '<>';
  if (sign !== '{' || resumes || isInJsx) return false;
  const before = opener.previous;
  if (before?.kind === 'word') return before.text === 'return' || before.text === 'satisfies';
  if (!before || !/^(?:[(,=[?:]|&&|\|\||\?\?)$/.test(before.text)) return false;
  // `type A = {` and `declare const a: {` hold types; which of them a colon opens is the server's to tell.
  return !(before.text === '=' && before.previous?.previous?.text === 'type');
}

export const attributes: Watch = {
  name: 'attributes',
  isPart: (unit) => /[\w-]/.test(unit) || unit > '\x7f',
  also: ['key', 'ref'],
  isFree: (name) => ['data-', 'aria-'].some((prefix) => prefix.startsWith(name) || name.startsWith(prefix)),
  mayBeEmpty: true,
  begins(at) {
    const { open, tail } = at;
    if (at.inside !== 'code' || open?.sign !== '<' || !tail || tail === open.opener || !at.blank)
      return undefined;
    return /^[=/.]$/.test(tail.text) ? undefined : 'attributes';
  },
};
