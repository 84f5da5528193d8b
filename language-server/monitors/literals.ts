/** Literals: strings whose type is a union of literals, and the keys and values that a JSON schema allows. */
import { isModulePath } from './imports.js';
import type { Watch } from './names-monitor.js';

export const strings: Watch = {
  name: 'literals',
  isPart: (unit) => !/['"\n]/.test(unit),
  mayBeEmpty: true,
  begins(at, { languageId }) {
    const { string, tail } = at;
    if (at.inside !== 'string' || !string?.isEmpty || !/^['"]$/.test(string.quote)) return undefined;
    if (string.interpolation !== '') return undefined;
    // Alone on its line it documents, or directs.
    if (!tail || (at.startsLine && !at.open)) return undefined;
    return languageId !== 'python' && isModulePath(at) ? undefined : 'strings';
  },
};

export const jsonKeys: Watch = {
  name: 'keys',
  isPart: (unit) => unit !== '"',
  begins({ inside, string, open, tail }) {
    if (inside !== 'string' || !string?.isEmpty || open?.sign !== '{') return undefined;
    return tail === open.opener || tail?.text === ',' ? 'json-keys' : undefined;
  },
};

export const jsonValues: Watch = {
  name: 'values',
  isPart: (unit) => !/[,\]}\s]/.test(unit),
  mayBeEmpty: true,
  begins({ inside, open, tail }) {
    if (inside !== 'code' || !tail || !open) return undefined;
    if (open.sign === '{') return tail.text === ':' ? 'json-values' : undefined;
    return tail === open.opener || tail.text === ',' ? 'json-values' : undefined;
  },
};
