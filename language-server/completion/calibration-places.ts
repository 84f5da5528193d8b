/** Where in a person's own code a calibration asks: one line of each function, newer files first. */
import { createHash } from 'node:crypto';
import type { Node } from '../../syntax/grammar-runtime.js';
import { parseText } from '../../syntax/parsed-text.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  readonly languageId: string;
  readonly text: string;
  /** Milliseconds since 1970 at which it was last changed. */
  readonly changed: number;
}

/** A line of code, from some column on, as if it had not been written yet. */
export interface CalibrationPlace {
  readonly id: string;
  readonly file: SourceFile;
  readonly before: string;
  /** What was taken out: to the end of the line, without blanks. */
  readonly truth: string;
  readonly after: string;
}

const FUNCTION = /function|method|lambda|arrow|closure|constructor|^func_literal$|^def$/;

/**
 * Places of one file. Chance chooses line and column; `random` gives numbers in [0, 1). A file without functions has
 * one place.
 */
export function placesIn(
  file: SourceFile,
  language: SyntaxLanguage,
  random: () => number,
): readonly CalibrationPlace[] {
  const text = file.text.replaceAll(/\r\n?/g, '\n');
  using parsed = parseText(language, text);
  const root = parsed.tree.rootNode;
  const spans = root.hasError ? [] : functionsIn(root);
  const chosen = spans.map((span) => pick(linesIn(text, span), random));
  const [whole] =
    chosen.some(Boolean) || root.hasError
      ? []
      : [pick(linesIn(text, { start: 0, end: text.length }), random)];
  return [...chosen, whole]
    .filter((line) => line !== undefined)
    .map(({ start, end }) => {
      // Half of the requests come on an empty line, half in the midst of one.
      const at =
        random() < 0.5 ? start : onCodePoint(text, start + 1 + Math.floor(random() * (end - start - 1)));
      return {
        id: `${file.path}:${at}`,
        file,
        before: text.slice(0, at),
        truth: text.slice(at, end),
        after: text.slice(end),
      };
    });
}

/** Numbers in [0, 1) that a name fixes: an interrupted calibration finds the same places again. */
export function chanceFor(name: string): () => number {
  let drawn = 0;
  return () => createHash('sha256').update(`${name}\0${drawn++}`).digest().readUInt32LE() / 2 ** 32;
}

/** Newer files first, then in the order of their places: what is left out first is what is oldest. */
export function byNewest(files: readonly SourceFile[]): readonly SourceFile[] {
  return [...files].sort((a, b) => b.changed - a.changed || (a.path < b.path ? -1 : 1));
}

interface Line {
  readonly start: number;
  readonly end: number;
}

/** Innermost functions of several lines: those around them would be asked about the same text. */
function functionsIn(node: Node): readonly Line[] {
  const inner = node.namedChildren.flatMap(functionsIn);
  if (0 < inner.length) return inner;
  const isFunction = FUNCTION.test(node.type) && node.startPosition.row < node.endPosition.row;
  return isFunction ? [{ start: node.startIndex, end: node.endIndex }] : [];
}

/** Lines with something to say, but for the first: three visible characters, a letter or digit, no comment. */
function linesIn(text: string, { start, end }: Line): readonly Line[] {
  const lines: Line[] = [];
  for (let from = text.indexOf('\n', start) + 1; 0 < from && from < end;) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    const line = text.slice(from, to);
    const code = line.trim();
    if (2 < code.length && /[\p{L}\p{N}]/u.test(code) && !/^(\/\/|\/\*|\*|#|<!--)/.test(code))
      lines.push({ start: from + line.length - line.trimStart().length, end: from + line.trimEnd().length });
    if (newline < 0) break;
    from = newline + 1;
  }
  return lines;
}

function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function onCodePoint(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return 0xdc00 <= unit && unit <= 0xdfff ? at - 1 : at;
}
