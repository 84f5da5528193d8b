/** Places where the model writes with and without the syntax constraint: lines, ends of lines and whole blocks. */
import type { BenchContext } from './benchmark.js';
import { cutsOf, type Cut } from './cases.js';
import type { CorpusFile } from './corpus.js';
import { randomFor, shuffled } from './random.js';

/** `block`: all lines of a block but the first one's indentation; the cursor is on the empty line that is left. */
export interface WritingPlace extends Omit<Cut, 'kind'> {
  readonly kind: 'rest-of-line' | 'middle-line' | 'block';
}

/** Lines of code that a block may have to be taken out. */
const BLOCK_LINES = { fewest: 2, most: 8 };
const BLOCKS_PER_FILE = 16;

/** Up to `most` places of one language, the kinds by turns, spread over the files in their order. */
export function writingPlaces(
  files: readonly CorpusFile[],
  most: number,
  { seed }: BenchContext,
): readonly WritingPlace[] {
  const each = Math.ceil(most / 3);
  const perFile = Math.ceil(each / Math.max(1, files.length));
  const lists: readonly (readonly WritingPlace[])[] = [
    cutsOf(files, 'rest-of-line', each, seed, Math.max(8, perFile)) as readonly WritingPlace[],
    cutsOf(files, 'middle-line', each, seed, Math.max(8, perFile)) as readonly WritingPlace[],
    blocksOf(files, each, seed),
  ];
  return byTurns(lists).slice(0, most);
}

/** One of each list by turns, so that any number of first cases is a fair sample. */
export function byTurns<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

/** Lines of blocks, all but the first one's indentation. */
export function blocksOf(files: readonly CorpusFile[], most: number, seed: number): readonly WritingPlace[] {
  const ofFiles = files.map((file) =>
    shuffled(blocksIn(file), randomFor(seed, `block ${file.path}`)).slice(0, BLOCKS_PER_FILE),
  );
  return byTurns(ofFiles).slice(0, most);
}

function blocksIn(file: CorpusFile): readonly WritingPlace[] {
  const lines = file.text.split('\n');
  const starts: number[] = [];
  let start = 0;
  for (const line of lines) {
    starts.push(start);
    start += line.length + 1;
  }
  return lines.flatMap((line, index): readonly WritingPlace[] => {
    if (!/[{:]\s*$/.test(line) || /^\s*(\/\/|\/\*|\*|#)/.test(line)) return [];
    let end = index + 1;
    while (end < lines.length && (lines[end]!.trim() === '' || indentOf(line) < indentOf(lines[end]!))) end++;
    while (lines[end - 1]!.trim() === '') end--;
    const body = lines.slice(index + 1, end);
    const code = body.filter((one) => one.trim() !== '').length;
    if (code < BLOCK_LINES.fewest || BLOCK_LINES.most < code || body[0]!.trim() === '') return [];
    const from = starts[index + 1]! + indentOf(body[0]!);
    const to = starts[end - 1]! + lines[end - 1]!.trimEnd().length;
    return [
      {
        // A line may be taken out at the same place.
        id: `block ${file.path}:${index + 2}:${indentOf(body[0]!) + 1}`,
        kind: 'block',
        file,
        before: file.text.slice(0, from),
        after: file.text.slice(to),
        expected: file.text.slice(from, to),
      },
    ];
  });
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
