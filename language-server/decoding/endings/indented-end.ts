/**
 * One statement, by brackets and indentation alone: for languages without a grammar.
 *
 * A statement goes on while a bracket is open or a line is indented deeper than its first one. Brackets inside
 * strings and comments count wrongly; a grammar, where there is one, knows better.
 */
import type { Complete } from '../finish.js';
import { withoutReturn } from './line-end.js';
import { indentOf, isBlank, type Place } from './place.js';

/** Where the statement in `written` ends: nowhere while it is not complete. */
export function indentedEnds(written: string, place: Place): readonly Complete[] {
  const end = indentedEnd(written, place);
  return end ? [end] : [];
}

function indentedEnd(written: string, { lineBefore }: Place): Complete | undefined {
  const text = lineBefore + written;
  const shift = lineBefore.length;
  const lines = text.split('\n');
  let depth = 0;
  let base: number | undefined;
  let mayGrow = false;
  let end = 0;
  let seen = 0;
  for (const [index, line] of lines.entries()) {
    const isWhole = index < lines.length - 1;
    const start = seen;
    seen += line.length + 1;
    if (isBlank(line)) continue;
    if (base !== undefined && depth <= 0) {
      if (indentOf(line) <= base && !(isWhole ? continuesStatement(line) : mayContinueStatement(line))) {
        return { ending: 'block', keep: end };
      }
      if (!mayGrow) return { ending: 'statement', keep: end };
    }
    if (!isWhole) return undefined;
    base ??= indentOf(line);
    depth += bracketBalance(line);
    end = withoutReturn(text, start + line.length) - shift;
    mayGrow ||= opensBlock(line);
    if (depth <= 0 && !mayGrow) return { ending: 'statement', keep: Math.max(0, end) };
    // The closing bracket of the statement's own block.
    if (depth <= 0 && index > 0 && /^\s*[)\]}]/.test(line) && !opensBlock(line)) {
      return { ending: 'block', keep: Math.max(0, end) };
    }
  }
  return undefined;
}

/** Openers minus closers. */
function bracketBalance(line: string): number {
  let balance = 0;
  for (const character of line) {
    if ('([{'.includes(character)) balance++;
    else if (')]}'.includes(character)) balance--;
  }
  return balance;
}

/** Whether deeper lines may follow. */
function opensBlock(line: string): boolean {
  return /[:{([]\s*(?:(?:#|\/\/).*)?$/.test(line);
}

const CONTINUATIONS = ['else', 'elif', 'except', 'finally', 'catch'];

/** Whether a line at the statement's own indentation still belongs to it. */
function continuesStatement(line: string): boolean {
  const text = line.trim();
  return /^[)\]}]/.test(text) || CONTINUATIONS.some((word) => new RegExp(`^${word}\\b`).test(text));
}

/** The same of the beginning of a line. */
function mayContinueStatement(line: string): boolean {
  const text = line.trim();
  return continuesStatement(line) || CONTINUATIONS.some((word) => word.startsWith(text));
}
