/** The figures of the benchmark, from what was measured at each place. */
import type { Figure, Figures, Measured } from '../benchmark.js';
import type { Cut } from '../cases.js';
import { meanFigure } from '../statistics.js';
import { greedy, type Compared, type Length } from './arms.js';
import type { PlaceResult, SetResult } from './measure-place.js';

type Places = readonly Measured<Cut, PlaceResult>[];

/** Greedy drafts of so many tokens and no more, each with the bucket before. */
const buckets = [5, 10, 20, 40] as const;

export function draftsFigures(places: Places, { arms, lengths }: Compared, seed: number): Figures {
  const figures: Record<string, Figure> = { ...qualityFigures('greedy', places, seed) };
  for (const { name } of arms) {
    Object.assign(figures, timeFigures(name, places, lengths, seed), qualityFigures(name, places, seed));
  }
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

/** Ratios to one greedy draft at the same place, as quotients of sums: long places count for what they take. */
function timeFigures(name: string, places: Places, lengths: readonly Length[], seed: number): Figures {
  const timed = places.filter(({ result }) => result.times);
  const ratio = (length: Length): readonly (readonly [number, number, string])[] => {
    const at = lengths.indexOf(length);
    return timed.map(({ of: { file }, result: { times } }) => [
      times![name]![at]!,
      times![greedy.name]![at]!,
      file.path,
    ]);
  };
  const all = lengths.flatMap((length) => ratio(length));
  const whole = places.map(
    ({ of: { file }, result: { promptMs, sets } }) =>
      [promptMs + sets[name]!.totalMs, promptMs + sets[greedy.name]!.totalMs, file.path] as const,
  );
  return {
    [`${name}.decode_time_ratio`]: ratioFigure(all, seed),
    ...Object.fromEntries(
      lengths.map((length) => [`${name}.len${length}.decode_time_ratio`, ratioFigure(ratio(length), seed)]),
    ),
    [`${name}.suggestion_time_ratio`]: ratioFigure(whole, seed),
  };
}

/** exp of the mean logarithm of the quotients: a ratio and its inverse then agree. */
function ratioFigure(pairs: readonly (readonly [number, number, string])[], seed: number): Figure {
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
