/**
 * What the end of a file leaves open, as someone types who has no brackets closed for them: the closers that would
 * make it whole.
 *
 * What the cursor's own line has opened does not count: that is the unfinished code, which the written text has to
 * finish. So the stacks are taken back to the start of that line, read the text after the cursor, and closers are put
 * after it, one after the other, until the file is complete.
 */
import type { Head } from './parse-stack.js';
import type { Prefix } from './prefix.js';
import { reach } from './reach.js';
import { tail } from './text-chain.js';
import { walkSuffix, type Suffix } from './walk-suffix.js';

/** The innermost first. */
const CLOSERS = ['}', ')', ']', '</a>', 'end', 'fi', 'done', 'esac', '`'];
/** What may be missing before them, where the last line before the cursor's is not whole. */
const FILLERS = ['', 'a', 'a;', ';', ': a'];
const MOST_CLOSERS = 12;
/** Ways of closing that are followed at once; nearly always there is only one. */
const MOST_WAYS = 8;

/** One a line, the innermost first; none where the end of the file leaves nothing open, or it cannot be told what. */
export function missingClosers(prefix: Prefix, after: Suffix): readonly string[] {
  const open = stacksAtEnd(prefix, after);
  if (open.length === 0) return [];
  let ways: readonly (readonly string[])[] = FILLERS.map((filler) => [filler]);
  for (let length = 0; length <= MOST_CLOSERS; length++) {
    const complete = ways.find((way) => isComplete(prefix, after, open, way));
    if (complete) return complete.slice(1);
    ways = ways
      .flatMap((way) => CLOSERS.map((closer) => [...way, closer]))
      .filter((way) => reads(prefix, after, open, way))
      .slice(0, MOST_WAYS);
  }
  return [];
}

/** The stacks that could not take the end of the file; none when one could. */
function stacksAtEnd(prefix: Prefix, after: Suffix): readonly Head[] {
  const { length } = prefix.text;
  const line = length - lastLine(prefix).length;
  const heads = prefix.heads.flatMap((head) => beforeLine(head, line, length));
  let open: readonly Head[] = [];
  walkSuffix(prefix, heads, after, {
    atMark: () => 'go on',
    atError(position, deaths) {
      if (after.text.slice(Math.max(0, position)).trim() !== '') return 'go on';
      open = deaths;
      return 'stop';
    },
  });
  return open;
}

/** The stack as it was at the start of the line, with the rest of the line passed over. */
function beforeLine(head: Head, line: number, length: number): readonly Head[] {
  let { node } = head;
  while (line < node.position && node.links[0]) node = node.links[0];
  return [{ node, position: length, scanner: node === head.node ? head.scanner : node.scanner }];
}

function isComplete(prefix: Prefix, after: Suffix, open: readonly Head[], way: readonly string[]): boolean {
  const text = show(prefix, after, way);
  return reach(prefix.language.grammar, open, Infinity, text).alive;
}

function reads(prefix: Prefix, after: Suffix, open: readonly Head[], way: readonly string[]): boolean {
  const text = show(prefix, after, way);
  return reach(prefix.language.grammar, open, text, Infinity).alive;
}

/** Makes the file, closed so, what lexers read; its length. */
function show({ language, text }: Prefix, after: Suffix, way: readonly string[]): number {
  const suffix = [after.text, ...way].join('\n');
  language.grammar.buffer.show(text, suffix);
  return text.length + suffix.length;
}

function lastLine({ text }: Prefix): string {
  const window = tail(text, 10_000);
  return window.slice(window.lastIndexOf('\n') + 1);
}
