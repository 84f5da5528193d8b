/** Code of other open documents, from which superposed drafts learn which words go together here. */
import type { CompletionContext } from './completion-context.js';
import { normalize } from './completion-context.js';
import type { Document } from './document.js';

/** Units of all texts together: turning more into tokens would be felt. */
const MOST_UNITS = 40_000;

/** Beginnings of the documents in the same language, those opened last first, within the budget. */
export function nearbyCode({ document }: CompletionContext, open: readonly Document[]): readonly string[] {
  const others = open.filter(
    ({ uri, languageId }) => uri !== document.uri && languageId === document.languageId,
  );
  const texts: string[] = [];
  let left = MOST_UNITS;
  for (const { text } of [...others].reverse()) {
    if (left <= 0) break;
    texts.push(normalize(text.slice(0, left)));
    left -= text.length;
  }
  return texts;
}
