/** The figures of the benchmark, from what was measured at each place. */
import type { Figure, Figures, Measured } from '../benchmark.js';
import type { Cut } from '../cases.js';
import { meanFigure } from '../statistics.js';
import type { Times } from '../exactly-so-many.js';
import { greedy, readAhead, type Arm, type Compared, type Length } from './arms.js';
import type { PlaceResult, SetResult } from './measure-place.js';

type Places = readonly Measured<Cut, PlaceResult>[];

/** Greedy drafts of so many tokens and no more, each with the bucket before. */
const buckets = [5, 10, 20, 40] as const;

export function draftsFigures(places: Places, { arms, lengths }: Compared, seed: number): Figures {
  const figures: Record<string, Figure> = {
    ...qualityFigures('greedy', places, seed),
    ...fixedLengthFigures(readAhead, places, lengths, seed),
  };
  for (const arm of arms)
    Object.assign(
      figures,
      fixedLengthFigures(arm, places, lengths, seed),
      suggestionFigures(arm, places, seed),
      qualityFigures(arm.name, places, seed),
    );
  return figures;
}

function qualityFigures(name: string, places: Places, seed: number): Figures {
  const figure = (of: Places, value: (set: SetResult) => number): Figure =>
    meanFigure(
      of.map(({ of: { file }, result }) => ({ value: value(result.sets[name]!), cluster: file.path })),
      '1',
      seed,
    );
  const judged = places.filter(({ result }) => result.sets[name]!.typeErrors !== undefined);
  const byLength = buckets.map((most, index) => {
    const least = buckets[index - 1] ?? 0;
    const some = places.filter(({ result: { length } }) => least < length && length <= most);
    return [`${name}.len${most}.hit`, figure(some, ({ hit }) => hit)] as const;
  });
  return {
    [`${name}.hit`]: figure(places, ({ hit }) => hit),
    [`${name}.similarity`]: figure(places, (set) => set.similarity),
    [`${name}.distinct`]: figure(places, ({ distinct }) => distinct),
    [`${name}.syntax_errors`]: figure(places, ({ syntaxErrors }) => syntaxErrors),
    ...(judged.length > 0 && {
      [`${name}.type_errors`]: figure(judged, ({ typeErrors }) => typeErrors!),
    }),
    ...Object.fromEntries(byLength.filter(([, { n }]) => n > 0)),
  };
}

/**
 * Ratios to one greedy draft that is not read ahead, of the same length at the same place. Decode time is writing;
 * ranking time is writing and what has to be read again before drafts can be ranked, which is the same but for
 * superposed drafts.
 */
function fixedLengthFigures(
  { name, drafting }: Arm,
  places: Places,
  lengths: readonly Length[],
  seed: number,
): Figures {
  const timed = places.filter(({ result }) => result.times);
  const ratios = (figure: string, kind: keyof Times): Figures => {
    const pairs = lengths.map((_, at) =>
      timed.map(({ of: { file }, result: { times } }): Pair => [
        times![name]![at]![kind],
        times![greedy.name]![at]![kind],
        file.path,
      ]),
    );
    return {
      [`${name}.${figure}`]: ratioFigure(pairs.flat(), seed),
      ...Object.fromEntries(
        lengths.map((length, at) => [`${name}.len${length}.${figure}`, ratioFigure(pairs[at]!, seed)]),
      ),
    };
  };
  return {
    ...ratios('decode_time_ratio', 'writing'),
    ...(drafting === 'superposed' && ratios('ranking_time_ratio', 'ranking')),
  };
}

/** Ratio to one suggestion as the product writes it, read ahead: all of it, the prompt being read once. */
function suggestionFigures({ name }: Arm, places: Places, seed: number): Figures {
  const whole = places.map(
    ({ of: { file }, result: { promptMs, sets } }) =>
      [promptMs + sets[name]!.totalMs, promptMs + sets[greedy.name]!.totalMs, file.path] as const,
  );
  return { [`${name}.suggestion_time_ratio`]: ratioFigure(whole, seed) };
}

/** Times with several drafts and with one, and the file. */
type Pair = readonly [several: number, one: number, file: string];

/** exp of the mean logarithm of the quotients: a ratio and its inverse then agree. */
function ratioFigure(pairs: readonly Pair[], seed: number): Figure {
  const logs = meanFigure(
    pairs.map(([value, base, cluster]) => ({ value: Math.log(value / base), cluster })),
    '1',
    seed,
  );
  return {
    ...logs,
    value: Math.exp(logs.value),
    ...(logs.low !== undefined && { low: Math.exp(logs.low) }),
    ...(logs.high !== undefined && { high: Math.exp(logs.high) }),
  };
}
