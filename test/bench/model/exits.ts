/** What each exit of a bundle would say on real code: its perplexity, and its agreement with full depth. */
import type { WholeTextModel } from '../../../models/evaluate/whole-text.js';
import type { Figure, Figures, Measured } from '../benchmark.js';
import { meanFigure, perplexityFigure } from '../statistics.js';
import { tokenTexts } from './token-texts.js';

export interface ExitReading {
  readonly layer: number;
  /** Sum of -ln p over the scored tokens. */
  readonly surprise: number;
  /** Scored tokens whose likeliest next token is that of full depth. */
  readonly agreed: number;
  readonly tokens: number;
}

type Readings = readonly Measured<{ readonly id: string }, readonly ExitReading[]>[];

/** One reading of the start of a text for each exit; the last is full depth, which agrees with itself. */
export async function readAtExits(
  model: WholeTextModel,
  encode: (text: string) => readonly number[],
  text: string,
): Promise<readonly ExitReading[]> {
  const { tokens, first } = tokenTexts(encode, text);
  const { hidden: width, vocabulary } = model.bundle.architecture;
  const scored = tokens.length - first;
  const spoken: { layer: number; surprise: number; choices: number[] }[] = [];
  for (const { layer } of model.bundle.exits) {
    const hidden = await model.read(tokens, layer);
    const logits = await model.head(hidden.slice((first - 1) * width, (tokens.length - 1) * width));
    let surprise = 0;
    const choices: number[] = [];
    for (let at = 0; at < scored; at++) {
      const row = logits.subarray(at * vocabulary, (at + 1) * vocabulary);
      const likeliest = row.reduce((best, logit, token) => (row[best]! < logit ? token : best), 0);
      const sum = row.reduce((total, logit) => total + Math.exp(logit - row[likeliest]!), 0);
      surprise += row[likeliest]! + Math.log(sum) - row[tokens[first + at]!]!;
      choices.push(likeliest);
    }
    spoken.push({ layer, surprise, choices });
  }
  const full = spoken.at(-1)!.choices;
  return spoken.map(({ layer, surprise, choices }) => ({
    layer,
    surprise,
    agreed: choices.filter((choice, at) => choice === full[at]).length,
    tokens: scored,
  }));
}

/** Over all languages: what leaving there would cost. */
export function exitFigures(read: Readings, seed: number): Figures {
  const layers = read[0]?.result.map(({ layer }) => layer) ?? [];
  const figures = layers.flatMap((layer, exit) => {
    const at = read.map(({ of, result }) => ({ ...result[exit]!, cluster: of.id }));
    const sum = (of: 'agreed' | 'tokens'): number => at.reduce((total, one) => total + one[of], 0);
    const tokens = sum('tokens');
    return [
      [`exit_${layer}.agreement`, { value: sum('agreed') / tokens, unit: '1', n: tokens }] as const,
      [
        `exit_${layer}.perplexity`,
        perplexityFigure(
          at.map(({ surprise, tokens: count, cluster }) => ({ value: surprise, count, cluster })),
          seed,
        ),
      ] as const,
    ];
  });
  return Object.fromEntries<Figure>(figures);
}

/** At exits that both have: by how much more often it agrees, and the ratio of perplexities, on the same files. */
export function exitDifferences(before: Readings, after: Readings, seed: number): Figures {
  const known = new Map(before.map(({ of, result }) => [of.id, result]));
  const figures: Record<string, Figure> = {};
  for (const { layer } of after[0]?.result ?? []) {
    const pairs = after.flatMap(({ of, result }) => {
      const own = result.find((exit) => exit.layer === layer);
      const other = known.get(of.id)?.find((exit) => exit.layer === layer);
      if (own === undefined || own.tokens !== other?.tokens) return [];
      return [{ own, other, cluster: of.id }];
    });
    if (pairs.length === 0) continue;
    const over = (value: (exit: ExitReading) => number) =>
      pairs.map(({ own, other, cluster }) => ({
        value: value(own) - value(other),
        count: own.tokens,
        cluster,
      }));
    figures[`exit_${layer}.agreement_gain`] = meanFigure(
      over(({ agreed }) => agreed),
      '1',
      seed,
    );
    figures[`exit_${layer}.perplexity_ratio`] = perplexityFigure(
      over(({ surprise }) => surprise),
      seed,
    );
  }
  return figures;
}
