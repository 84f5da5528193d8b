/** Each line written with and without rescoring by the text after the cursor: what it gains, and what it costs. */
import { completeAt } from '../../../language-server/completion/complete-at.js';
import type { Completions } from '../../../language-server/completion/complete.js';
import { defaultSettings } from '../../../language-server/default-settings.js';
import { loadEngine, type LoadedEngine } from '../../../cli/completer.js';
import type { BenchContext, Figure, Figures, Measured } from '../benchmark.js';
import type { Cut } from '../cases.js';
import { differenceFigure, meanFigure, ratioFigure } from '../statistics.js';
import { isExact, isWhole } from './exact.js';

/** What came of one arm at one cut. */
interface Arm {
  /** As in `rewrite.ts`, of the first suggestion. */
  readonly exact: number;
  /** 1 when the whole file is as it was: what is right and goes on too far counts as wrong. */
  readonly whole: number;
  /** Lines of the first suggestion; 0 where there is none. */
  readonly lines: number;
  readonly decodeMs: number;
  /** Tokens of the text after the cursor, and of drafts read again. */
  readonly read: number;
}

export interface RescoringPair {
  readonly off: Arm;
  readonly on: Arm;
  readonly changed: number;
}

export interface RescoringOptions {
  readonly drafts: number;
  readonly promptTokens: number;
  readonly maxTokens: number;
}

/** Explicit requests without analysis servers. The arms take turns at going first: the second finds the prompt read. */
export async function measureRescoring(
  { measureEach }: BenchContext,
  cuts: readonly Cut[],
  root: string,
  bundle: string,
  options: RescoringOptions,
): Promise<readonly Measured<Cut, RescoringPair>[]> {
  let loaded: LoadedEngine | undefined;
  const asked = {
    json: true,
    automatic: false,
    bundle,
    device: 'cpu',
    speculation: true,
    syntax: true,
  } as const;
  const turn = new Map(cuts.map((cut, index) => [cut, index % 2 === 0] as const));
  try {
    return await measureEach('rescoring', cuts, async (cut) => {
      loaded ??= await loadEngine(root, asked, () => undefined);
      const { engine } = loaded;
      const write = (rescore: 'off' | 'explicit') => written(cut, engine, options, rescore);
      const first = await write(turn.get(cut) ? 'off' : 'explicit');
      const second = await write(turn.get(cut) ? 'explicit' : 'off');
      const [off, on] = turn.get(cut) ? [first, second] : [second, first];
      const changed = off.items[0]?.text === on.items[0]?.text ? 0 : 1;
      return { off: judged(cut, off), on: judged(cut, on), changed };
    });
  } finally {
    await loaded?.close();
  }
}

function written(
  { before, after, file }: Cut,
  engine: LoadedEngine['engine'],
  options: RescoringOptions,
  rescore: 'off' | 'explicit',
): Promise<Completions> {
  return completeAt({
    text: before + after,
    path: file.absolutePath,
    languageId: file.languageId,
    offset: before.length,
    mode: 'explicit',
    settings: { ...defaultSettings, ...options, rescore, monitors: { '*': 'off' } },
    engine,
  });
}

function judged(cut: Cut, { items, cost }: Completions): Arm {
  const [item] = items;
  const costs = { decodeMs: cost.decodeMs, read: cost.rescored?.tokens ?? 0 };
  if (!item) return { exact: 0, whole: 0, lines: 0, ...costs };
  const text = cut.before + cut.after;
  const completed = text.slice(0, item.start) + item.text + text.slice(item.end);
  const rest = completed.slice(cut.before.length);
  return {
    exact: isExact(cut, rest) ? 1 : 0,
    whole: isWhole(cut, rest) ? 1 : 0,
    lines: item.text.trim().split('\n').length,
    ...costs,
  };
}

/** Gains of rescoring by language and over all, and what it costs over all. */
export function rescoringFigures(measured: readonly Measured<Cut, RescoringPair>[], seed: number): Figures {
  const figures: Record<string, Figure> = {};
  const languages = new Set(measured.map(({ of }) => of.file.language));
  for (const language of [...languages, undefined]) {
    const some = measured.filter(({ of }) => language === undefined || of.file.language === language);
    const name = language === undefined ? 'rescored' : `${language}.rescored`;
    for (const mark of ['exact', 'whole'] as const) {
      const pairs = some.map(({ of, result: { off, on } }) => ({
        before: off[mark],
        after: on[mark],
        cluster: of.file.path,
      }));
      figures[`${name}_${mark}_gain`] = differenceFigure(pairs, '1', seed);
    }
  }
  const mean = (value: (pair: RescoringPair) => number, unit: string): Figure =>
    meanFigure(
      measured.map(({ of, result }) => ({ value: value(result), cluster: of.file.path })),
      unit,
      seed,
    );
  return {
    ...figures,
    'rescored.exact': mean(({ on }) => on.exact, '1'),
    'rescored.whole': mean(({ on }) => on.whole, '1'),
    'rescored.lost_exact': mean(({ off, on }) => (off.exact > on.exact ? 1 : 0), '1'),
    'rescored.lost_whole': mean(({ off, on }) => (off.whole > on.whole ? 1 : 0), '1'),
    'rescored.changed': mean(({ changed }) => changed, '1'),
    'rescored.read': mean(({ on }) => on.read, 'tokens'),
    'rescored.decode_time_ratio': ratioFigure(
      measured.map(({ of, result: { off, on } }) => ({
        above: on.decodeMs,
        below: off.decodeMs,
        cluster: of.file.path,
      })),
      '1',
      seed,
    ),
  };
}
