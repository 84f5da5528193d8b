/** Cuts a draft where it begins to repeat itself, and drops one that only repeats what stands before it. */
import { silence } from '../silence.js';
import { isBlank, isClosingLine, type Filter } from './filter.js';

/** Lines that may repeat as a group. */
const LONGEST_GROUP = 4;
/** How often a group of lines may stand in a row. */
const TIMES = 3;
/** Inside a line: a piece of up to so many characters, so often, over so much text, is a loop. */
const LONGEST_PIECE = 20;
const PIECES = 6;
const LOOP_LENGTH = 40;

export const dropRepetition: Filter = (text, { before, linePrefix, mode }) => {
  const cut = cutLoop(text);
  if (cut === undefined) return silence('repeats', 'The suggestion would repeat itself.');
  if (mode === 'automatic' && repeatsPrevious(linePrefix + cut.split('\n')[0]!, before, linePrefix)) {
    return silence('repeats', 'The suggestion would repeat the line above.');
  }
  return cut;
};

/** The text up to the first loop, with the looping piece once; undefined when nothing but a loop in a line is left. */
function cutLoop(text: string): string | undefined {
  const lines = text.split('\n');
  for (let start = 0; start < lines.length; start++) {
    for (let size = 1; size <= LONGEST_GROUP; size++) {
      if (isLoop(lines, start, size)) return lines.slice(0, start + size).join('\n');
    }
  }
  const looping = lines.findIndex((line) => loopsInside(line));
  if (looping < 0) return text;
  return looping === 0 ? undefined : lines.slice(0, looping).join('\n');
}

function isLoop(lines: readonly string[], start: number, size: number): boolean {
  if (lines.length < start + size * TIMES) return false;
  const group = lines.slice(start, start + size);
  if (group.every((line) => isBlank(line) || isClosingLine(line))) return false;
  for (let at = start + size; at < start + size * TIMES; at++) {
    if (lines[at] !== lines[at - size]) return false;
  }
  return true;
}

function loopsInside(line: string): boolean {
  for (let size = 1; size <= LONGEST_PIECE; size++) {
    let same = 0;
    for (let at = size; at < line.length; at++) {
      same = line[at] === line[at - size] ? same + 1 : 0;
      if (size * (PIECES - 1) <= same && LOOP_LENGTH <= same && !isRuler(line.slice(at - size, at)))
        return true;
    }
  }
  return false;
}

/** `// -----` and the like are loops by intent. */
function isRuler(piece: string): boolean {
  return /^[-=*#_~+/\s]*$/.test(piece);
}

/** Small models like to write the line above once more. Short lines (`break;`, `),`) may well stand twice. */
function repeatsPrevious(line: string, before: string, linePrefix: string): boolean {
  if (line.trim().length < 8) return false;
  const above = before
    .slice(0, before.length - linePrefix.length)
    .slice(-2_000)
    .split('\n')
    .filter((other) => !isBlank(other));
  return above.at(-1)?.trimEnd() === line.trimEnd();
}
