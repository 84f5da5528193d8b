/** One line taken out of a file and written again by the product: as it was, like it was, or nothing. */
import path from 'node:path';
import type { PlaceCompleter } from '../../../cli/completer.js';
import type { Cut } from '../cases.js';
import { similarity } from '../similarity.js';
import { firstLine, isExact } from './exact.js';

/** Shares and marks from 0 to 1; a silence is wrong and unlike. */
export interface Rewritten {
  /** 1 when the rest of the cursor's line is what was taken out, white space at its end aside. */
  readonly exact: number;
  readonly similarity: number;
  readonly shown: number;
  /**
   * The model itself ended the text, or the line that it had to end with, no further than where what was taken out
   * ended.
   */
  readonly endsItself: number;
  /** The draft had to be ended because it began to write the text after the cursor once more. */
  readonly repeatsSuffix: number;
}

/** An explicit request at the cut, whose first suggestion is put in. */
export async function rewrite(cut: Cut, completer: PlaceCompleter, corpus: string): Promise<Rewritten> {
  const text = cut.before + cut.after;
  const line = cut.before.split('\n').length;
  const column = cut.before.length - (cut.before.lastIndexOf('\n') + 1) + 1;
  const { items, silence } = await completer.complete({
    place: { file: cut.file.absolutePath, line, column },
    text,
    languageId: cut.file.languageId,
    folder: path.join(corpus, cut.file.group),
  });
  const [item] = items;
  const repeats = silence?.reason === 'repeats' || item?.ending === 'suffix' ? 1 : 0;
  if (!item) return { exact: 0, similarity: 0, shown: 0, endsItself: 0, repeatsSuffix: repeats };
  const { start, end } = item.range;
  const completed = text.slice(0, offsetOf(text, start)) + item.text + text.slice(offsetOf(text, end));
  const written = completed.slice(cut.before.length);
  const lines = (of: string): number => of.trim().split('\n').length;
  return {
    exact: isExact(cut, written) ? 1 : 0,
    similarity: similarity(firstLine(written), firstLine(cut.expected)),
    shown: 1,
    endsItself: isOwnEnd(item.ending, cut) && lines(item.text) <= lines(cut.expected) ? 1 : 0,
    repeatsSuffix: repeats,
  };
}

/** At the end of a begun line the end of the text is no choice (`decoding/within-line.ts`). */
function isOwnEnd(ending: string, { kind }: Cut): boolean {
  const endsWithLine = kind === 'rest-of-line' || kind === 'after-dot';
  return ending === 'end-of-text' || (endsWithLine && ending === 'line');
}

/** Lines end with `\n` in every corpus file that has positions of the command line, which count from 1. */
function offsetOf(
  text: string,
  { line, column }: { readonly line: number; readonly column: number },
): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}
