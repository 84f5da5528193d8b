/** Reads the text before a cursor, from the last place that an earlier reading of the document has in common with it. */
import type { Head } from './parse-stack.js';
import { stillAlive } from './partial-lexeme.js';
import { emptyPrefix, extend, type Prefix } from './prefix.js';
import { reach, settle } from './reach.js';
import { repair } from './repair.js';
import type { SyntaxLanguage } from './syntax-language.js';
import { append } from './text-chain.js';

export interface OpenedPrefix {
  readonly prefix: Prefix;
  /** Earlier places of the same text in order, from which the next reading may go on. */
  readonly checkpoints: readonly Prefix[];
}

/** Why a text cannot be judged: the constraint is off for it. */
export interface Unreadable {
  readonly off: string;
}

/** A checkpoint every so many units, at the next line: what an edit can cost is reading that much again. */
const CHECKPOINT_UNITS = 1_024;
/** At 100 to 200 ns a unit, reading more than this would be felt. */
const LONGEST_TEXT = 1 << 20;
/** A text with more errors than this is not what its language id says. */
const MOST_REPAIRS = 10;

/** `previous` may be any earlier reading in the same language: of this document, or of none. */
export function openPrefix(
  language: SyntaxLanguage,
  text: string,
  previous?: OpenedPrefix,
): OpenedPrefix | Unreadable {
  const unreadable = whyUnreadable(text);
  if (unreadable !== undefined) return { off: unreadable };
  const checkpoints = checkpointsIn(language, text, previous);
  for (;;) {
    const from = checkpoints.at(-1) ?? emptyPrefix(language);
    const { length } = from.text;
    const cut = text.indexOf('\n', length + CHECKPOINT_UNITS) + 1;
    if (cut === 0) {
      const prefix = extend(from, text.slice(length));
      return prefix ? { prefix, checkpoints } : openBroken(from, text, checkpoints);
    }
    const read = readOn(from, text.slice(length, cut));
    if (!read) return openBroken(from, text, checkpoints);
    checkpoints.push(read);
  }
}

export function isReadable(opened: OpenedPrefix | Unreadable): opened is OpenedPrefix {
  return !('off' in opened);
}

function whyUnreadable(text: string): string | undefined {
  if (LONGEST_TEXT < text.length) return `the text before the cursor is longer than ${LONGEST_TEXT} units`;
  if (text.includes('\0')) return 'the text holds null characters';
  if (/\p{Surrogate}/u.test(text)) return 'the text holds half a surrogate pair';
  return undefined;
}

/** The checkpoints of an earlier reading that lie within what it has in common with `text`. */
function checkpointsIn(language: SyntaxLanguage, text: string, previous: OpenedPrefix | undefined): Prefix[] {
  const common: Prefix[] = [];
  if (previous?.prefix.language !== language) return common;
  let length = 0;
  for (const checkpoint of previous.checkpoints) {
    // A checkpoint's last piece is all that the one before it lacks.
    const { piece } = checkpoint.text;
    if (!text.startsWith(piece, length)) break;
    length += piece.length;
    common.push(checkpoint);
  }
  return common;
}

/** The prefix with `piece` read as far as it is certain; undefined when it is dead whatever follows. */
function readOn(prefix: Prefix, piece: string): Prefix | undefined {
  const { language } = prefix;
  const text = append(prefix.text, piece);
  language.grammar.buffer.show(text, '');
  const { heads } = settle(language.grammar, prefix.heads, text.length);
  return heads.length === 0 ? undefined : { ...prefix, text, heads };
}

/** Reads a text with errors. Done once: what is typed after them goes on from the checkpoint left at its end. */
function openBroken(from: Prefix, text: string, checkpoints: readonly Prefix[]): OpenedPrefix | Unreadable {
  const { language } = from;
  const { grammar } = language;
  const chain = append(from.text, text.slice(from.text.length));
  let { heads, repairs } = from;
  for (;;) {
    grammar.buffer.show(chain, '');
    const settled = settle(grammar, heads, chain.length);
    let deaths: readonly Head[] = settled.deaths;
    if (settled.heads.length > 0) {
      const reached = reach(grammar, settled.heads, chain.length, chain.length);
      if (reached.alive || (reached.open && stillAlive(language, chain, reached))) {
        const prefix: Prefix = { language, text: chain, heads: reached.settled, repairs };
        return { prefix, checkpoints: [...checkpoints, prefix] };
      }
      ({ deaths } = reached);
      grammar.buffer.show(chain, '');
    }
    repairs++;
    if (MOST_REPAIRS < repairs)
      return { off: `the text before the cursor has more than ${MOST_REPAIRS} errors` };
    const head = repair(language, text, deaths);
    if (!head) return { off: 'an error before the cursor could not be stepped over' };
    heads = [head];
  }
}
