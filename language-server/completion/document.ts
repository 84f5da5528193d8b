/** A text at a version, immutable, and the way between offsets and positions in it (UTF-16 units). */

export interface Document {
  readonly uri: string;
  readonly languageId: string;
  readonly version: number;
  readonly text: string;
}

/** Both count from 0; `character` counts UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

const lineFeed = 10;
const carriageReturn = 13;
const startsOfLines = new WeakMap<Document, readonly number[]>();

/** Offsets at which lines begin. Lines end with `\n`, `\r\n` or `\r`. Computed once for a document. */
export function lineStarts(document: Document): readonly number[] {
  const known = startsOfLines.get(document);
  if (known) return known;
  const starts = document.text.includes('\r')
    ? startsAfterAnyEnd(document.text)
    : startsAfterLineFeeds(document.text);
  startsOfLines.set(document, starts);
  return starts;
}

function startsAfterLineFeeds(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); 0 <= end; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

function startsAfterAnyEnd(text: string): number[] {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const ends = unit === lineFeed || (unit === carriageReturn && text.charCodeAt(at + 1) !== lineFeed);
    if (ends) starts.push(at + 1);
  }
  return starts;
}

/** The text of a line without its end, or undefined when there is no such line. */
export function lineText(document: Document, line: number): string | undefined {
  const starts = lineStarts(document);
  const start = starts[line];
  if (start === undefined) return undefined;
  const end = starts[line + 1] ?? document.text.length;
  return document.text.slice(start, end).replace(/[\r\n]+$/, '');
}

/** The offset of a position, or undefined when the position lies outside the document or inside a character. */
export function offsetAt(document: Document, position: Position): number | undefined {
  const text = lineText(document, position.line);
  if (text === undefined || !isWithin(text, position.character)) return undefined;
  return lineStarts(document)[position.line]! + position.character;
}

export function positionAt(document: Document, offset: number): Position {
  const starts = lineStarts(document);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - starts[low]! };
}

function isWithin(line: string, character: number): boolean {
  if (!Number.isInteger(character) || character < 0 || line.length < character) return false;
  const splitsPair =
    isHighSurrogate(line.charCodeAt(character - 1)) && isLowSurrogate(line.charCodeAt(character));
  return !splitsPair;
}

function isHighSurrogate(unit: number): boolean {
  return 0xd800 <= unit && unit < 0xdc00;
}

function isLowSurrogate(unit: number): boolean {
  return 0xdc00 <= unit && unit < 0xe000;
}
