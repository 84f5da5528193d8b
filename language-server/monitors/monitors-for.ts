/** All monitors of a language, joined. */
import { anything, both, type Constraint } from '../constraints/constraint.js';
import { callMonitor } from './calls.js';
import { freeNames } from './free-names.js';
import { exported, modules } from './imports.js';
import { attributes, keys } from './keys.js';
import { Lexical } from './lexical/lexical.js';
import { lexicalRules, type LexicalRules } from './lexical/rules.js';
import { jsonKeys, jsonValues, strings } from './literals.js';
import { members } from './members.js';
import { namesMonitor, type Watch } from './names-monitor.js';
import type { Around, Spot } from './spot.js';

export interface MonitoredPlace {
  readonly languageId: string;
  /** The text up to the cursor. */
  readonly before: string;
  readonly after: string;
  /** The end of `before` that is written anew (token healing): the constraint begins before it. */
  readonly lead: string;
}

/** Far enough to see which brackets the text after the cursor closes. */
const AFTER = 20_000;
/** The name that the cursor stands in is at most so long. */
const LONGEST_NAME = 100;

/** Names of monitors by language; the others have members only. */
function watchesOf(languageId: string): readonly Watch[] {
  switch (languageId) {
    case 'json':
    case 'jsonc':
      return [jsonKeys, jsonValues];
    case 'typescript':
    case 'typescriptreact':
      return [members, exported, modules, freeNames(languageId), keys, attributes, strings];
    case 'javascript':
    case 'javascriptreact':
      return [members, exported, modules];
    case 'python':
      return [members, exported, modules, freeNames(languageId), strings];
    default:
      return [members];
  }
}

const withCalls = /^(?:typescript(?:react)?|python)$/;

/** What analysis servers can say about a text, as one constraint; allows everything in languages without monitors. */
export function monitorsFor({ languageId, before, after, lead }: MonitoredPlace): Constraint {
  const rules = lexicalRules[languageId];
  if (!rules) return anything;
  const start = before.length - lead.length;
  const origin = startOfName(rules, before.slice(0, start));
  const around: Around = {
    languageId,
    rules,
    after,
    lead: before.length - origin,
    unopened: Lexical.unopened(rules, after.slice(0, AFTER)),
  };
  const spot: Spot = { lexical: readAgain(rules, before.slice(0, origin)), text: '' };
  const monitors = watchesOf(languageId).map((watch) => namesMonitor(watch, around, spot));
  if (withCalls.test(languageId)) monitors.push(callMonitor(around, spot));
  const joined = monitors.reduce(both, anything);
  return joined.after(before.slice(origin, start)) ?? anything;
}

/** Where the name or string begins that the place is inside: its beginning decides what may still come. */
function startOfName(rules: LexicalRules, text: string): number {
  const { inside, word, string } = readAgain(rules, text);
  if (inside === 'code') return text.length - word.length;
  return string && text.length - string.from < LONGEST_NAME ? string.from : text.length;
}

/** A reading up to a line some way before the cursor: the next text mostly begins in the same way. */
let latest: { readonly rules: LexicalRules; readonly text: string; readonly state: Lexical } | undefined;
const BEFORE_CURSOR = 1_000;

function readAgain(rules: LexicalRules, text: string): Lexical {
  const start = text.slice(0, text.lastIndexOf('\n', text.length - BEFORE_CURSOR) + 1);
  if (latest?.rules !== rules || !start.startsWith(latest.text)) {
    latest = { rules, text: start, state: Lexical.read(rules, start) };
  } else if (start.length > latest.text.length) {
    latest = { rules, text: start, state: latest.state.further(start.slice(latest.text.length)) };
  }
  return latest.state.further(text.slice(start.length));
}
