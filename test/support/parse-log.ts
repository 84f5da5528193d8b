/**
 * Tree-sitter's own opinion about a beginning of a file, from its parse log: how far it read before it first had to
 * recover from an error. Slow, and independent of our recogniser.
 */
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';

const STEP = /^process version:\d+, version_count:\d+, state:\d+, row:(\d+), col:(\d+)/;

/** Whether tree-sitter reads all of `text` before its first error, when `witness` follows. */
export function survives({ grammar }: SyntaxLanguage, text: string, witness = ''): boolean {
  const whole = text + witness;
  const starts = [0];
  for (let at = whole.indexOf('\n'); 0 <= at; at = whole.indexOf('\n', at + 1)) starts.push(at + 1);
  const read = { furthest: 0, failed: false };
  grammar.parseLogged(whole, (message, isLexer) => {
    if (read.failed) return false;
    if (isLexer) return true;
    const step = STEP.exec(message);
    // Columns are counted in bytes of UTF-16.
    if (step)
      read.furthest = Math.max(
        read.furthest,
        (starts[Number(step[1])] ?? whole.length) + (Number(step[2]) >> 1),
      );
    read.failed = message.startsWith('resume version');
    return !read.failed;
  });
  return !read.failed || text.length <= read.furthest;
}
