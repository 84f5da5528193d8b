/** Positions in the units that client and server have agreed on, and offsets in ours (UTF-16). */
import { lineText, offsetAt, positionAt, type Document, type Position } from '../completion/document.js';

/** The encodings that we speak, as LSP names them. */
export type PositionEncoding = 'utf-16' | 'utf-8';

/** The client's first choice among those that we speak; UTF-16 is what every client must speak. */
export function chooseEncoding(offered: readonly string[] | undefined): PositionEncoding {
  return offered?.find((encoding) => encoding === 'utf-16' || encoding === 'utf-8') ?? 'utf-16';
}

/** The offset, or undefined when the position lies outside the document or inside a character. */
export function toOffset(
  document: Document,
  position: Position,
  encoding: PositionEncoding,
): number | undefined {
  if (encoding === 'utf-16') return offsetAt(document, position);
  const line = lineText(document, position.line);
  const character = line === undefined ? undefined : unitsOf(line, position.character);
  return character === undefined ? undefined : offsetAt(document, { line: position.line, character });
}

export function toPosition(document: Document, offset: number, encoding: PositionEncoding): Position {
  const position = positionAt(document, offset);
  if (encoding === 'utf-16') return position;
  const line = lineText(document, position.line) ?? '';
  return { line: position.line, character: Buffer.byteLength(line.slice(0, position.character), 'utf8') };
}

/** The UTF-16 units that so many UTF-8 bytes at the start of a line are; undefined when they end inside a character. */
export function unitsOf(line: string, bytes: number): number | undefined {
  const encoded = Buffer.from(line, 'utf8');
  if (!Number.isInteger(bytes) || bytes < 0 || encoded.length < bytes) return undefined;
  const continues = bytes < encoded.length && (encoded[bytes]! & 0xc0) === 0x80;
  return continues ? undefined : encoded.toString('utf8', 0, bytes).length;
}

/** Likewise for a change, which has to be made somewhere: inside a character is before it, beyond the line is its end. */
export function nearestUnits(line: string, bytes: number): number {
  const encoded = Buffer.from(line, 'utf8');
  let at = Math.min(Math.max(Math.floor(bytes), 0), encoded.length);
  while (at < encoded.length && (encoded[at]! & 0xc0) === 0x80) at--;
  return encoded.toString('utf8', 0, at).length;
}
