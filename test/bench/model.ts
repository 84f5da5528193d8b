/** How good: perplexity, and lines of real files written again through the whole pipeline. */
import path from 'node:path';
import { loadCompleter, type PlaceCompleter } from '../../cli/completer.js';
import type { Benchmark, BenchContext, Figures, Measured } from './benchmark.js';
import { cutsOf, type Cut, type CutKind } from './cases.js';
import { languagesOf, type CorpusFile } from './corpus.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { exitDifferences, exitFigures, type ExitReading } from './model/exits.js';
import { perplexityOf, quantisedFigure, type Perplexity } from './model/perplexity.js';
import { measureRescoring, rescoringFigures } from './model/rescoring.js';
import { rewrite, type Rewritten } from './model/rewrite.js';
import { spansOf } from './model/spans.js';
import { differenceFigure, meanFigure, perplexityFigure } from './statistics.js';
import { blocksOf } from './syntax-model-places.js';

const root = path.resolve(import.meta.dirname, '../..');
const shippedBundle = path.join(root, 'models/smollm2-135m');

/** Files read for perplexity, cuts of each kind and files read at every exit, in each language; and cuts in all. */
const sizes = {
  full: { files: 40, cuts: 250, exitFiles: 8, all: Infinity },
  quick: { files: 1, cuts: 1, exitFiles: 1, all: 8 },
};

/** Languages that the product is measured in; a corpus may hold more. */
const languages = ['typescript', 'tsx', 'javascript', 'python'];
const lineKinds = ['rest-of-line', 'middle-line'] as const;
const kinds = [
  ...lineKinds,
  'middle-lines',
  'argument',
  'member',
  'after-dot',
] as const satisfies readonly CutKind[];

export const model: Benchmark = {
  name: 'model',
  summary:
    'perplexity, at every exit too; exact match and similarity of lines, blocks, arguments and members; endings.',
  options: {
    bundle: 'folder of a bundle; else the one that ships',
    against: 'folder of another bundle, for paired differences: gains of --bundle over it',
    'prefix-alone': 'with --against: yes to judge no draft of that bundle by the text after the cursor',
    monitors: 'off to ask no analysis server for names, which is quicker; else as users have it',
    rescore:
      'most drafts: only writes each line with and without rescoring by the text after the cursor, paired; for bundles that cannot fill in',
    'prompt-tokens': 'with --rescore: most tokens of a prompt; else as the settings say',
    'max-tokens': 'with --rescore: most tokens of a suggestion; else as the settings say',
    fp32: 'folder of the same model without quantisation: what quantising costs in perplexity',
  },
  async run(context) {
    const bundle = path.resolve(root, context.options.bundle ?? shippedBundle);
    const against = context.options.against;
    const { fp32, rescore } = context.options;
    if (rescore !== undefined) return rescored(context, bundle, Number(rescore));
    const quantised =
      fp32 === undefined ? {} : await quantisedFigure(context, bundle, path.resolve(root, fp32));
    const prefixAlone = context.options['prefix-alone'] !== undefined;
    const own = await measured(context, bundle, 'bundle', against === undefined ? 1 : 0.5);
    if (against === undefined) return { ...figuresOf(own, context), ...quantised };
    const other = await measured(context, path.resolve(root, against), 'against', 0.5, prefixAlone);
    return { ...figuresOf(own, context), ...differences(other, own, context), ...quantised };
  },
};

async function rescored(context: BenchContext, bundle: string, drafts: number): Promise<Figures> {
  const { options, seed } = context;
  const measured = await measureRescoring(context, cutsIn(context, languageFiles(context)), root, bundle, {
    drafts,
    promptTokens: Number(options['prompt-tokens'] ?? defaultSettings.promptTokens),
    maxTokens: Number(options['max-tokens'] ?? defaultSettings.maxTokens),
  });
  return rescoringFigures(measured, seed);
}

interface Results {
  readonly reading: readonly Measured<{ readonly id: string; readonly language: string }, Perplexity>[];
  readonly exits: readonly Measured<{ readonly id: string }, readonly ExitReading[]>[];
  readonly writing: readonly Measured<Cut, Rewritten>[];
}

/** `share`: of the minutes. */
async function measured(
  context: BenchContext,
  bundle: string,
  part: string,
  share: number,
  prefixAlone = false,
): Promise<Results> {
  const { progress, corpus, measureEach } = context;
  const size = sizeOf(context);
  const inLanguage = languageFiles(context);

  progress(`model: perplexity of ${path.basename(bundle)}.`);
  const texts = taken(inLanguage.map((of) => of.slice(0, size.files))).map((file) => ({
    ...file,
    id: file.path,
  }));
  const reader = await perplexityOf(bundle);
  const reading = await measureEach(`${part} reading`, texts, (file) => reader.read(file.text), share * 0.1);
  const few = taken(inLanguage.map((of) => of.slice(0, size.exitFiles))).map((file) => ({
    ...file,
    id: file.path,
  }));
  const exits = await measureEach(`${part} exits`, few, (file) => reader.readAtExits(file.text), share * 0.1);
  await reader.close();

  const cuts = cutsIn(context, inLanguage);
  progress(`model: up to ${cuts.length} lines.`);
  let completer: PlaceCompleter | undefined;
  const { monitors } = context.options;
  if (monitors !== undefined && monitors !== 'off') throw new Error('--monitors takes off alone.');
  const options = {
    ...({ json: true, automatic: false, bundle, device: 'cpu', syntax: true, drafts: 1 } as const),
    ...(monitors === 'off' && { monitors: 'off' as const }),
    ...(prefixAlone && { rescore: 'off' as const }),
  };
  try {
    const writing = await measureEach(
      `${part} writing`,
      cuts,
      async (cut) => {
        completer ??= await loadCompleter(root, options, () => undefined);
        return rewrite(cut, completer, corpus);
      },
      share * 0.8,
    );
    return { reading, exits, writing };
  } finally {
    await completer?.close();
  }
}

function sizeOf({ budget }: BenchContext): (typeof sizes)['full'] {
  return budget.quick ? sizes.quick : sizes.full;
}

/** The files of each language. */
function languageFiles({ files, budget }: BenchContext): readonly (readonly CorpusFile[])[] {
  const present = languagesOf(files).filter((language) => languages.includes(language));
  if (present.length === 0) throw new Error(`The corpus holds no file in ${languages.join(', ')}.`);
  return present.map((language) => {
    const all = files.filter((file) => file.language === language);
    return budget.quick ? shortFirst(all) : all;
  });
}

/** Cuts of all kinds and languages by turns. */
function cutsIn(context: BenchContext, inLanguage: readonly (readonly CorpusFile[])[]): readonly Cut[] {
  const { seed } = context;
  const size = sizeOf(context);
  return taken(
    inLanguage.flatMap((of) => [
      ...lineKinds.map((kind) => cutsOf(of, kind, size.cuts, seed)),
      blocksOf(of, size.cuts, seed).map((block): Cut => ({ ...block, kind: 'middle-lines' })),
      spansOf(of, 'argument', size.cuts, seed),
      spansOf(of, 'member', size.cuts, seed),
      spansOf(of, 'after-dot', size.cuts, seed),
    ]),
  ).slice(0, size.all);
}

/** A quick run has no time for long prompts. */
function shortFirst(files: readonly CorpusFile[]): readonly CorpusFile[] {
  return [...files].sort((a, b) => a.text.length - b.text.length);
}

/** One of each list by turns, so that any number of first cases is a fair sample. */
function taken<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

function figuresOf({ reading, exits, writing }: Results, { seed }: BenchContext): Figures {
  const figures: Record<string, Figures[string]> = {};
  for (const language of languages) {
    const read = reading.filter(({ of }) => of.language === language);
    if (read.length > 0) {
      figures[`${language}.perplexity`] = perplexityFigure(
        read.map(({ of, result }) => ({ value: result.surprise, count: result.tokens, cluster: of.id })),
        seed,
      );
    }
    const wrote = writing.filter(({ of }) => of.file.language === language);
    const mean = (of: readonly Measured<Cut, Rewritten>[], name: keyof Rewritten): Figures[string] =>
      meanFigure(
        of.map((one) => ({ value: one.result[name], cluster: one.of.file.path })),
        '1',
        seed,
      );
    for (const kind of kinds) {
      const ofKind = wrote.filter(({ of }) => of.kind === kind);
      if (ofKind.length === 0) continue;
      const name = `${language}.${kind.replaceAll('-', '_')}`;
      figures[`${name}_exact`] = mean(ofKind, 'exact');
      figures[`${name}_similarity`] = mean(ofKind, 'similarity');
    }
    if (wrote.length > 0) {
      figures[`${language}.shown`] = mean(wrote, 'shown');
      figures[`${language}.ends_itself`] = mean(wrote, 'endsItself');
      figures[`${language}.repeats_suffix`] = mean(wrote, 'repeatsSuffix');
    }
  }
  return { ...figures, ...exitFigures(exits, seed) };
}

/** Gains of `after` over `before`, case by case; of perplexity the ratio, below 1 where `after` is better. */
function differences(before: Results, after: Results, { seed }: BenchContext): Figures {
  const figures: Record<string, Figures[string]> = {};
  const readBefore = new Map(before.reading.map(({ of, result }) => [of.id, result]));
  const wroteBefore = new Map(before.writing.map(({ of, result }) => [`${of.kind} ${of.id}`, result]));
  for (const language of languages) {
    const read = after.reading.flatMap(({ of, result }) => {
      const other = readBefore.get(of.id);
      if (of.language !== language || !other) return [];
      return [{ value: result.surprise - other.surprise, count: result.tokens, cluster: of.id }];
    });
    if (read.length > 0) figures[`${language}.perplexity_ratio`] = perplexityFigure(read, seed);
    const pairsOf = (name: keyof Rewritten, kind?: CutKind) =>
      after.writing.flatMap(({ of, result }) => {
        const other = wroteBefore.get(`${of.kind} ${of.id}`);
        if (of.file.language !== language || (kind && of.kind !== kind) || !other) return [];
        return [{ before: other[name], after: result[name], cluster: of.file.path }];
      });
    const gain = (figure: string, name: keyof Rewritten, kind?: CutKind): void => {
      const pairs = pairsOf(name, kind);
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
  return { ...figures, ...exitDifferences(before.exits, after.exits, seed) };
}
