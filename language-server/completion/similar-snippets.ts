/** Pieces of other open files that look like the code around the cursor: Jaccard similarity of their words. */
import type { Document } from './document.js';
import { normalize } from './completion-context.js';

/** Lines of a piece, and of the code that it is compared with. */
const WINDOW = 20;
const STEP = 10;
/** Below this, likeness is chance. */
const LEAST_SIMILAR = 0.1;
/** Text that is looked through in all, which takes about 10 ms; nothing else is answered meanwhile. */
const MOST_CHARACTERS = 200_000;

export interface SimilarSnippet {
  readonly document: Document;
  readonly text: string;
  /** Words in common over words in all, between 0 and 1. */
  readonly similarity: number;
}

/** The best piece of each document, most similar first. Of too much text, the first documents are looked through. */
export function similarSnippets(
  reference: string,
  documents: readonly Document[],
): readonly SimilarSnippet[] {
  const words = wordsOf(reference.split('\n').slice(-WINDOW).join('\n'));
  if (words.size === 0) return [];
  let left = MOST_CHARACTERS;
  const looked: { readonly document: Document; readonly most: number }[] = [];
  for (const document of documents) {
    if (0 < left) looked.push({ document, most: left });
    left -= document.text.length;
  }
  return looked
    .map(({ document, most }) => bestPiece(document, most, words))
    .filter((piece) => piece !== undefined)
    .sort((a, b) => b.similarity - a.similarity || a.document.uri.localeCompare(b.document.uri));
}

function bestPiece(document: Document, most: number, words: ReadonlySet<string>): SimilarSnippet | undefined {
  const lines = normalize(document.text.slice(0, most)).split('\n');
  let best: SimilarSnippet | undefined;
  for (let start = 0; start === 0 || start + STEP < lines.length; start += STEP) {
    const text = lines.slice(start, start + WINDOW).join('\n');
    const similarity = jaccard(words, wordsOf(text));
    if (LEAST_SIMILAR <= similarity && (best?.similarity ?? 0) < similarity)
      best = { document, text, similarity };
  }
  return best;
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const word of a) if (b.has(word)) common++;
  return common === 0 ? 0 : common / (a.size + b.size - common);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []);
}
