/** Cuts inside a line: the arguments of a call, the name of a member, or all that stands after a dot. */
import type { Cut } from '../cases.js';
import type { CorpusFile } from '../corpus.js';
import { randomFor, shuffled } from '../random.js';
import { byTurns } from '../syntax-model-places.js';

/** What is taken out is the first group. Strings and nested calls are left alone: their ends cannot be told so. */
const SPANS = {
  argument: /(?<=[\w$]\()[^()'"`\n]+(?=\))/g,
  member: /(?<=[\w$)\]]\.)[A-Za-z_$][\w$]*/g,
  'after-dot': /(?<=[\w$)\]]\.)(?=[A-Za-z_$])/g,
} as const;
const PER_FILE = 8;

/** Up to `most` spans of code, round the files in their order. Equal arguments give equal cuts. */
export function spansOf(
  files: readonly CorpusFile[],
  kind: keyof typeof SPANS,
  most: number,
  seed: number,
): readonly Cut[] {
  return byTurns(
    files.map((file) =>
      shuffled(spansIn(file, kind), randomFor(seed, `${kind} ${file.path}`)).slice(0, PER_FILE),
    ),
  ).slice(0, most);
}

function spansIn(file: CorpusFile, kind: keyof typeof SPANS): readonly Cut[] {
  const cuts: Cut[] = [];
  let start = 0;
  for (const [index, line] of file.text.split('\n').entries()) {
    const isCode = !/^\s*(\/\/|\/\*|\*|#|<!--|import\b|from\b)/.test(line);
    for (const { 0: span, index: column } of isCode ? line.matchAll(SPANS[kind]) : []) {
      const expected = kind === 'after-dot' ? line.slice(column).trimEnd() : span;
      if (/['"`]/.test(line.slice(0, column)) || expected.trim() !== expected) continue;
      const from = start + column;
      const end = kind === 'after-dot' ? start + line.length : from + expected.length;
      const after = file.text.slice(end);
      const id = `${file.path}:${index + 1}:${column + 1}`;
      cuts.push({ id, kind, file, before: file.text.slice(0, from), after, expected });
    }
    start += line.length + 1;
  }
  return cuts;
}
