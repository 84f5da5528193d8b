/** What the questions about syntax cost, in microseconds, at a random place of a file of about 300 lines. */
import { isReadable, openPrefix } from '../../syntax/open-prefix.js';
import { extend } from '../../syntax/prefix.js';
import { suffixJoin } from '../../syntax/suffix-join.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { integerBelow, type Random } from './random.js';

export interface Costs {
  readonly acceptMicros: readonly number[];
  readonly refuseMicros: readonly number[];
  /** Reading the text before the cursor for the first time. */
  readonly openMicros: readonly number[];
  /** Reading it again after one more character was typed. */
  readonly editMicros: readonly number[];
  /** Whether the text may end, the file's own reading through the suffix being known. */
  readonly joinMicros: readonly number[];
}

const LINES = 300;
/** The first rounds warm the code and are thrown away. */
const WARM_ROUNDS = 3;
/** What a model may propose: true pieces come from the text, others from here. */
const JUNK = [
  ')',
  ']',
  '}',
  ' else',
  ' class',
  ';;',
  ' =',
  '"',
  ' (',
  '{',
  ' return',
  ' 1',
  '=>',
  '@',
  ' in',
  '\n',
  '\n\n',
  ' <',
  '/*',
  '#',
  '...',
  '?',
  ':',
  ',',
  '.x',
];

export function measureCosts(
  place: { readonly language: SyntaxLanguage; readonly text: string; readonly random: Random } | undefined,
): Costs {
  const costs = {
    acceptMicros: [] as number[],
    refuseMicros: [] as number[],
    openMicros: [] as number[],
    editMicros: [] as number[],
    joinMicros: [] as number[],
  };
  if (!place) return costs;
  const { language, random } = place;
  const text = place.text.split('\n').slice(0, LINES).join('\n');
  const cut = integerBelow(text.length, random);
  const before = text.slice(0, cut);
  const pieces = [
    ...(text.slice(cut, cut + 60).match(/\s*\w{1,6}|\s*[^\w\s]{1,3}|\s+/g) ?? []).slice(0, 1),
    ...JUNK,
  ];
  for (let round = 0; round <= WARM_ROUNDS; round++) {
    const keep = (into: number[], micros: number) => {
      if (round === WARM_ROUNDS) into.push(micros);
    };
    const [opened, openMicros] = timed(() => openPrefix(language, before));
    if (!isReadable(opened) || opened.prefix.repairs > 0) return costs;
    keep(costs.openMicros, openMicros);
    keep(costs.editMicros, timed(() => openPrefix(language, `${before} `, opened))[1]);
    const join = suffixJoin(opened.prefix, text.slice(cut));
    join.joins(opened.prefix);
    for (const piece of pieces) {
      const [next, micros] = timed(() => extend(opened.prefix, piece));
      keep(next ? costs.acceptMicros : costs.refuseMicros, micros);
      if (next) keep(costs.joinMicros, timed(() => join.joins(next))[1]);
    }
  }
  return costs;
}

function timed<T>(work: () => T): readonly [T, number] {
  const start = performance.now();
  const result = work();
  return [result, (performance.now() - start) * 1_000];
}
