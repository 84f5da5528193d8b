/** Which names may stand at a place: the server's completion list, and a probe whether it names all of them. */
import type { Name, Names, NamesKind, Unknown } from '../questions.js';
import { textWith, type AskedPlace } from './asked-place.js';
import { errorsIn, isRefused } from './new-errors.js';
import type { SourceText } from './open-texts.js';
import { readCompletions, type Completions } from './read-completions.js';
import type { ServerSession } from './server-session.js';

/** A name that no program has. */
const PROBE = 'candorProbe';

/** What is particular to one kind of names. */
interface NamesRow {
  /** Whether a name of the list is one that this question is about. */
  readonly wants: (name: Name) => boolean;
  /** The text of a name as it is written, from what the server would insert. */
  readonly spelled?: (text: string) => string;
  /** How names are written at the place, such that nothing else about it is wrong. */
  readonly probe: (name: string, listed: readonly string[], place: AskedPlace) => string;
  /** A name that stands at the place while names are asked for: without one, the server may see no list there. */
  readonly filler?: string;
  /** Whether to ask again with the missing closers when nothing is known. */
  readonly closes?: boolean;
}

const isWord = (text: string): boolean => /^[\p{L}\p{N}_$#]+$/u.test(text);
const asItIs = (name: string): string => name;
/** An expression of a type that fits everywhere. */
const ANY_VALUE = 'JSON.parse("")';

/** With all names that are listed, so that none of them is missing; the one in question comes last, once. */
function each(name: string, listed: readonly string[], write: (name: string) => string): string {
  return [...listed.filter((other) => other !== name && isWord(other)), name].map(write).join('');
}

/** What closes the string that the place is in, where nothing on its line does: an open one is wrong whatever it says. */
function closing({ before, after, closers }: AskedPlace): string {
  const quote = before.at(-1) ?? '"';
  const [line = ''] = after.split('\n', 1);
  return line.includes(quote) ? '' : quote + closers;
}

const rows: Readonly<Record<NamesKind, NamesRow>> = {
  members: {
    wants: ({ text, kind }) => kind !== 'keyword' && isWord(text),
    probe: asItIs,
    closes: true,
  },
  exports: {
    wants: ({ text, kind }) => kind !== 'keyword' && isWord(text),
    probe: asItIs,
    // `from m import a, ` is an error, and no import, until a name follows.
    filler: PROBE,
  },
  modules: { wants: () => true, probe: asItIs },
  'free-names': { wants: ({ text }) => isWord(text), probe: asItIs },
  keys: {
    wants: ({ kind }) => kind === 'property' || kind === 'method' || kind === 'variable',
    spelled: (text) => text.replace(/^["']|["']$|[?:,].*$/gs, ''),
    probe: (name, listed) => each(name, listed, (key) => `${key}: ${ANY_VALUE}, `),
    closes: true,
  },
  attributes: {
    wants: ({ kind }) => kind === 'property' || kind === 'method' || kind === 'variable',
    spelled: (text) => text.replace(/[=?].*$/s, ''),
    probe: (name, listed) => each(name, listed, (key) => ` ${key}={${ANY_VALUE}} `),
  },
  strings: {
    wants: ({ kind }) => kind !== 'keyword',
    spelled: (text) => text.replace(/^["'`]|["'`]$/g, ''),
    probe: (name, _, place) => name + closing(place),
  },
  'json-keys': {
    wants: ({ kind }) => kind === 'property',
    spelled: (text) => /^"?((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text,
    // A key without a value is no key yet.
    probe: (name, _, { after }) => (/^"\s*:/.test(after) ? name : `${name}": null, "`),
  },
  'json-values': { wants: () => true, probe: (name) => `"${name}"` },
};

export async function askNames(
  kind: NamesKind,
  place: AskedPlace,
  session: ServerSession,
): Promise<Names | Unknown> {
  const row = rows[kind];
  const ends = row.closes && place.closers !== '' ? ['', place.closers] : [''];
  for (const end of ends) {
    const closed = { ...place, after: end + place.after };
    const context = contextOf(kind, place.before);
    const filler = /^[\p{L}\p{N}_$]/u.test(place.after) ? '' : (row.filler ?? '');
    const list = await listAt(textWith(closed, filler), place, context, session);
    if (!list) return { unknown: 'the list makes no sense, or is absurdly long' };
    if (list.isIncomplete && !session.row.listsAreWhole) return { unknown: 'the list is not complete' };
    // Where keywords stand beside a member or a key, the server did not see a receiver, or knows no type.
    if (row.closes && list.names.some((name) => name.kind === 'keyword')) continue;
    if (isGuess(list, place, session)) return { unknown: 'the server only guesses' };
    const names = wanted(list.names, row);
    if (names.length === 0) continue;
    const ask = () => isComplete(row, names, closed, session);
    // What a key or a string may be depends on the place, too.
    const isWhole = kind === 'members' ? session.wholeLists.has(place.languageId, names, ask) : ask();
    return { names, complete: await isWhole };
  }
  return { unknown: 'the server knows no names here' };
}

/** A server that guesses because it has not read the text yet is asked again once it has. */
async function listAt(
  text: SourceText,
  place: AskedPlace,
  context: object,
  session: ServerSession,
): Promise<Completions | undefined> {
  const ask = async () => {
    const answer = await session.at('completion', text, place.before.length, context);
    return readCompletions(answer, place.before);
  };
  const list = await ask();
  if (!list || !isGuess(list, place, session)) return list;
  await session.diagnostics(text);
  return ask();
}

/** Whether words of the text stand in for what the server does not know. */
function isGuess({ hasWords }: Completions, { languageId }: AskedPlace, { row }: ServerSession): boolean {
  return hasWords && row.addsWords?.includes(languageId) !== true;
}

function wanted(names: readonly Name[], { wants, spelled = asItIs }: NamesRow): readonly Name[] {
  const byText = new Map<string, Name>();
  for (const name of names) {
    const text = spelled(name.text);
    if (text !== '' && wants(name) && !byText.has(text)) byText.set(text, { ...name, text });
  }
  return [...byText.values()];
}

/**
 * Whether another name would be an error: lists are suggestions, and types with index signatures, dynamic receivers
 * and open schemas take more than is listed. So a made-up name is put in the place of a listed one: an error lies on
 * it, or there are more errors than with the listed one.
 */
async function isComplete(
  row: NamesRow,
  names: readonly Name[],
  place: AskedPlace,
  session: ServerSession,
): Promise<boolean> {
  const listed = names.map(({ text }) => text);
  const probe = textWith(place, row.probe(PROBE, listed, place));
  const errors = await session.diagnostics(probe);
  if (!errors) return false;
  if (isRefused(errors, PROBE, probe.text)) return true;
  const without = await session.diagnostics(textWith(place, row.probe(listed[0]!, listed, place)));
  return without !== undefined && errorsIn(errors) > errorsIn(without);
}

/** LSP's `CompletionContext`: typed by a trigger character, or asked for. */
function contextOf(kind: NamesKind, before: string): object {
  const sign = before.at(-1) ?? '';
  return kind === 'members' && !/[\w\s]/.test(sign)
    ? { context: { triggerKind: 2, triggerCharacter: sign } }
    : { context: { triggerKind: 1 } };
}
