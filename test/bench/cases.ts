/** Cuts: places in corpus files where something was taken out, for a model to write it again. */
import type { CorpusFile } from './corpus.js';
import { integerBelow, randomFor, shuffled, type Random } from './random.js';

/**
 * `rest-of-line`: from a random column inside a line to its end; what follows stays.
 * `next-line`: a whole line but its indentation, and all that follows it.
 * `middle-line`: a whole line but its indentation; what follows stays.
 */
export type LineCutKind = 'rest-of-line' | 'next-line' | 'middle-line';

/**
 * `middle-lines`: all of a block's lines. `argument`: all between the brackets of a call. `member`: a name after a dot.
 * `after-dot`: that name and the rest of its line.
 */
export type CutKind = LineCutKind | 'middle-lines' | 'argument' | 'member' | 'after-dot';

export interface Cut {
  readonly id: string;
  readonly kind: CutKind;
  readonly file: CorpusFile;
  readonly before: string;
  readonly after: string;
  /** What was taken out: never empty, no white space at its end; one line, of `middle-lines` two to eight. */
  readonly expected: string;
}

/** Long files must not dominate. */
const defaultPerFile = 8;

/**
 * Up to `most` cuts, at most `perFile` a file, round the files in their order: the first few are spread over as many
 * files as there are. Equal arguments give equal cuts, and a larger `most` only adds to them.
 */
export function cutsOf(
  files: readonly CorpusFile[],
  kind: LineCutKind,
  most: number,
  seed: number,
  perFile: number = defaultPerFile,
): readonly Cut[] {
  const ofFiles = files.map((file) => {
    const random = randomFor(seed, `${kind} ${file.path}`);
    return fileCuts(file, kind, perFile, random);
  });
  const cuts: Cut[] = [];
  for (let round = 0; round < perFile; round++) {
    for (const ofFile of ofFiles) {
      const cut = ofFile[round];
      if (cut && cuts.length < most) cuts.push(cut);
    }
  }
  return cuts;
}

function fileCuts(file: CorpusFile, kind: LineCutKind, perFile: number, random: Random): readonly Cut[] {
  const starts = lineStarts(file.text);
  const places = starts
    .map((start, line) => ({ start, line, text: lineAt(file.text, start) }))
    .filter(({ text, line }) => line > 0 && worthWriting(text));
  return shuffled(places, random)
    .slice(0, perFile)
    .map(({ start, line, text }) => {
      const indent = text.length - text.trimStart().length;
      const end = text.trimEnd().length;
      const column = kind === 'rest-of-line' ? indent + 1 + integerBelow(end - indent - 1, random) : indent;
      const from = onCodePoint(file.text, start + column);
      return {
        id: `${file.path}:${line + 1}:${from - start + 1}`,
        kind,
        file,
        before: file.text.slice(0, from),
        after: kind === 'next-line' ? '' : file.text.slice(start + text.length),
        expected: file.text.slice(from, start + end),
      };
    })
    .filter(({ expected }) => expected.trim() !== '');
}

/** A line with something to say: code with a letter or digit in it, at least three characters, no comment. */
function worthWriting(line: string): boolean {
  const text = line.trim();
  return text.length >= 3 && /[\p{L}\p{N}]/u.test(text) && !/^(\/\/|\/\*|\*|#|<!--)/.test(text);
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The line without its end; a carriage return belongs to the end. */
function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? text.length : end);
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Never between the two halves of a character beyond the basic plane. */
function onCodePoint(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
