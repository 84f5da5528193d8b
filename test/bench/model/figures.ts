/** What the model benchmark publishes: the figures of a bundle, and its gains over another one on the same cases. */
import type { Figures, Measured } from '../benchmark.js';
import type { Cut, CutKind } from '../cases.js';
import { differenceFigure, meanFigure, perplexityFigure, ratioFigure } from '../statistics.js';
import { exitDifferences, exitFigures, type ExitReading } from './exits.js';
import type { Perplexity } from './perplexity.js';
import type { Rewritten } from './rewrite.js';

/** Languages that the product is measured in; a corpus may hold more. */
export const languages = ['typescript', 'tsx', 'javascript', 'python'];
export const kinds = [
  'rest-of-line',
  'middle-line',
  'middle-lines',
  'argument',
  'member',
  'after-dot',
] as const satisfies readonly CutKind[];

export interface Results {
  readonly reading: readonly Measured<{ readonly id: string; readonly language: string }, Perplexity>[];
  readonly exits: readonly Measured<{ readonly id: string }, readonly ExitReading[]>[];
  readonly writing: readonly Measured<Cut, Rewritten>[];
}

/** By name, as docs/bench.md explains them. */
export function modelFigures({ reading, exits, writing }: Results, seed: number): Figures {
  const figures: Record<string, Figures[string]> = {};
  const mean = (of: readonly Measured<Cut, Rewritten>[], name: keyof Rewritten): Figures[string] =>
    meanFigure(
      of.map((one) => ({ value: one.result[name], cluster: one.of.file.path })),
      '1',
      seed,
    );
  const rewriting = (name: string, wrote: readonly Measured<Cut, Rewritten>[]): void => {
    if (wrote.length === 0) return;
    for (const kind of kinds) {
      const ofKind = wrote.filter(({ of }) => of.kind === kind);
      if (ofKind.length === 0) continue;
      figures[`${name}.${kind.replaceAll('-', '_')}_exact`] = mean(ofKind, 'exact');
      figures[`${name}.${kind.replaceAll('-', '_')}_similarity`] = mean(ofKind, 'similarity');
    }
    figures[`${name}.shown`] = mean(wrote, 'shown');
    figures[`${name}.ends_itself`] = mean(wrote, 'endsItself');
    figures[`${name}.repeats_suffix`] = mean(wrote, 'repeatsSuffix');
  };
  for (const language of languages) {
    const read = reading.filter(({ of }) => of.language === language);
    if (read.length > 0) {
      figures[`${language}.perplexity`] = perplexityFigure(
        read.map(({ of, result }) => ({ value: result.surprise, count: result.tokens, cluster: of.id })),
        seed,
      );
    }
    rewriting(
      language,
      writing.filter(({ of }) => of.file.language === language),
    );
  }
  rewriting('all', writing);
  return { ...figures, ...exitFigures(exits, seed) };
}

/**
 * Gains of `after` over `before`, case by case; of perplexity the ratio, below 1 where `after` is better, and of what is
 * exact over all languages too, how many times as much.
 */
export function modelDifferences(before: Results, after: Results, seed: number): Figures {
  const figures: Record<string, Figures[string]> = {};
  const readBefore = new Map(before.reading.map(({ of, result }) => [of.id, result]));
  const wroteBefore = new Map(before.writing.map(({ of, result }) => [`${of.kind} ${of.id}`, result]));
  const pairsOf = (name: keyof Rewritten, kind?: CutKind, language?: string) =>
    after.writing.flatMap(({ of, result }) => {
      const other = wroteBefore.get(`${of.kind} ${of.id}`);
      if ((language && of.file.language !== language) || (kind && of.kind !== kind) || !other) return [];
      return [{ before: other[name], after: result[name], cluster: of.file.path }];
    });
  for (const language of languages) {
    const read = after.reading.flatMap(({ of, result }) => {
      const other = readBefore.get(of.id);
      if (of.language !== language || !other) return [];
      return [{ value: result.surprise - other.surprise, count: result.tokens, cluster: of.id }];
    });
    if (read.length > 0) figures[`${language}.perplexity_ratio`] = perplexityFigure(read, seed);
    const gain = (figure: string, name: keyof Rewritten, kind?: CutKind): void => {
      const pairs = pairsOf(name, kind, language);
      if (pairs.length > 0) figures[`${language}.${figure}_gain`] = differenceFigure(pairs, '1', seed);
    };
    for (const kind of kinds) {
      gain(`${kind.replaceAll('-', '_')}_exact`, 'exact', kind);
      gain(`${kind.replaceAll('-', '_')}_similarity`, 'similarity', kind);
    }
    gain('shown', 'shown');
    gain('ends_itself', 'endsItself');
    gain('repeats_suffix', 'repeatsSuffix');
  }
  for (const kind of kinds) {
    const pairs = pairsOf('exact', kind);
    // No ratio to nothing.
    if (!pairs.some(({ before: exact }) => exact > 0)) continue;
    const name = `all.${kind.replaceAll('-', '_')}_exact`;
    figures[`${name}_gain`] = differenceFigure(pairs, '1', seed);
    figures[`${name}_ratio`] = ratioFigure(
      pairs.map(({ before: below, after: above, cluster }) => ({ above, below, cluster })),
      '1',
      seed,
    );
  }
  return { ...figures, ...exitDifferences(before.exits, after.exits, seed) };
}
