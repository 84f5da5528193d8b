/** What our own snippets hold: the text they show, and where their holes are. */
import { readSnippet } from '../holes/read-snippet.js';
import { plainText, type SnippetPart } from '../holes/snippet.js';

/** What the editor shows before anything is filled in. */
export function shownBy(snippet: string): string {
  return plainText(partsOf(snippet));
}

export function hasHoles(snippet: string): boolean {
  return 0 < holesIn(snippet);
}

export function holesIn(snippet: string): number {
  return partsOf(snippet).filter(isHole).length;
}

/** What the lists offer that open in holes. */
export function choicesIn(snippet: string): readonly string[] {
  return partsOf(snippet).flatMap((part) => (part.kind === 'choice' ? part.texts : []));
}

/** Whether nothing stands behind the last hole or its mirror. */
export function holeAtEnd(snippet: string): boolean {
  const last = partsOf(snippet).findLast((part) => part.kind !== 'stop' || part.stop !== 0);
  return last !== undefined && last.kind !== 'text';
}

function isHole({ kind }: SnippetPart): boolean {
  return kind === 'placeholder' || kind === 'choice';
}

function partsOf(snippet: string): readonly SnippetPart[] {
  const parts = readSnippet(snippet);
  if (!parts) throw new Error(`This is no snippet of ours: ${snippet}`);
  return parts;
}
