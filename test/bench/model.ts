/** How good: perplexity, and lines of real files written again through the whole pipeline. */
import path from 'node:path';
import { loadCompleter, type PlaceCompleter } from '../../cli/completer.js';
import type { Benchmark, BenchContext, Figures } from './benchmark.js';
import { cutsOf, type Cut } from './cases.js';
import { languagesOf, type CorpusFile } from './corpus.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { kinds, languages, modelDifferences, modelFigures, type Results } from './model/figures.js';
import { perplexityOf, quantisedFigure } from './model/perplexity.js';
import { measureRescoring, rescoringFigures } from './model/rescoring.js';
import { rewrite } from './model/rewrite.js';
import { spansOf } from './model/spans.js';
import { blocksOf } from './syntax-model-places.js';

const root = path.resolve(import.meta.dirname, '../..');
const shippedBundle = path.join(root, 'models/smollm2-135m');

/** Files read for perplexity, cuts of each kind and files read at every exit, in each language; and cuts in all. */
const sizes = {
  full: { files: 40, cuts: 250, exitFiles: 8, all: Infinity },
  quick: { files: 1, cuts: 1, exitFiles: 1, all: 8 },
};

const lineKinds = ['rest-of-line', 'middle-line'] as const;

export const model: Benchmark = {
  name: 'model',
  summary:
    'perplexity, at every exit too; exact match and similarity of lines, blocks, arguments and members; endings.',
  options: {
    bundle: 'folder of a bundle; else the one that ships',
    against: 'folder of another bundle, for paired differences: gains of --bundle over it',
    'prefix-alone': 'with --against: yes to judge no draft of that bundle by the text after the cursor',
    kinds: `only these cuts, with commas between, and no perplexity: ${kinds.join(', ')}`,
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
    if (against === undefined) return { ...modelFigures(own, context.seed), ...quantised };
    const other = await measured(context, path.resolve(root, against), 'against', 0.5, prefixAlone);
    return {
      ...modelFigures(own, context.seed),
      ...modelDifferences(other, own, context.seed),
      ...quantised,
    };
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

/** `share`: of the minutes. */
async function measured(
  context: BenchContext,
  bundle: string,
  part: string,
  share: number,
  prefixAlone = false,
): Promise<Results> {
  const { progress, corpus, measureEach } = context;
  const cuts = cutsIn(context, languageFiles(context));

  const { reading, exits } =
    context.options.kinds === undefined
      ? await read(context, bundle, part, share * 0.1)
      : { reading: [], exits: [] };
  progress(`model: up to ${cuts.length} lines.`);
  let completer: PlaceCompleter | undefined;
  const { monitors } = context.options;
  if (monitors !== undefined && monitors !== 'off') throw new Error('--monitors takes off alone.');
  const options = {
    ...({
      json: true,
      automatic: false,
      bundle,
      device: 'cpu',
      speculation: true,
      syntax: true,
      drafts: 1,
    } as const),
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

/** `share`: of the minutes, for reading and for reading at all exits each. */
async function read(
  context: BenchContext,
  bundle: string,
  part: string,
  share: number,
): Promise<Pick<Results, 'reading' | 'exits'>> {
  const { progress, measureEach } = context;
  const size = sizeOf(context);
  const inLanguage = languageFiles(context);
  progress(`model: perplexity of ${path.basename(bundle)}.`);
  const texts = taken(inLanguage.map((of) => of.slice(0, size.files))).map((file) => ({
    ...file,
    id: file.path,
  }));
  const reader = await perplexityOf(bundle);
  const reading = await measureEach(`${part} reading`, texts, (file) => reader.read(file.text), share);
  const few = taken(inLanguage.map((of) => of.slice(0, size.exitFiles))).map((file) => ({
    ...file,
    id: file.path,
  }));
  const exits = await measureEach(`${part} exits`, few, (file) => reader.readAtExits(file.text), share);
  await reader.close();
  return { reading, exits };
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
  const wanted: readonly string[] = context.options.kinds?.split(',') ?? kinds;
  const unknown = wanted.find((kind) => !kinds.some((known) => known === kind));
  if (unknown !== undefined) throw new Error(`There is no kind "${unknown}": ${kinds.join(', ')} are.`);
  return taken(
    inLanguage.flatMap((of) =>
      [
        ...lineKinds.map((kind) => cutsOf(of, kind, size.cuts, seed)),
        blocksOf(of, size.cuts, seed).map((block): Cut => ({ ...block, kind: 'middle-lines' })),
        spansOf(of, 'argument', size.cuts, seed),
        spansOf(of, 'member', size.cuts, seed),
        spansOf(of, 'after-dot', size.cuts, seed),
      ].filter(([first]) => first && wanted.includes(first.kind)),
    ),
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
