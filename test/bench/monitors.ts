/**
 * Monitors: what asking the analysis server wins and costs, on real projects with their dependencies installed. Asked as a
 * user asks: what brings errors is written anew twice.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { WorkerWriter } from '../../language-server/decoding/worker-writer.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { identityOf } from '../../language-server/inference/bundle-identity.js';
import { readBundle } from '../../language-server/inference/bundle.js';
import { openAnalysis, type CountedAnalysis } from '../../language-server/open-analysis.js';
import type { Answer } from '../../language-server/monitors/questions.js';
import type { Benchmark, BenchContext, Figures } from './benchmark.js';
import { monitorFigures } from './monitors/figures.js';
import { measurePlace, type Measuring } from './monitors/measure-place.js';
import { placesOf, type MonitorPlace } from './monitors/places.js';
import { refusal, workspacesOf } from './monitors/workspaces.js';
import type { CorpusFile } from './corpus.js';

const root = path.resolve(import.meta.dirname, '../..');
/** TSX counts as TypeScript: the same server knows it. */
const languages: Readonly<Record<string, readonly string[]>> = {
  typescript: ['typescript', 'tsx'],
  python: ['python'],
};
/** A server takes seconds to read a project: while it is open how far a run gets, so many places of it are measured in a row. */
const IN_A_ROW = 4;

export const monitors: Benchmark = {
  name: 'monitors',
  summary:
    'members, names and arguments that exist: what asking the analysis server wins, and what it costs.',
  options: {
    bundle: 'folder of a bundle; else the one that ships',
    threads: 'threads for the model; else half the cores',
    places: 'so many places for each language, package by package; else all',
    'prompt-tokens': 'most tokens of a prompt; else as in the product',
    language: 'only this one: typescript, python',
    suggestions: '`no` to measure only what the servers know: no model is run',
  },
  async run(context) {
    const { options, budget, seed } = context;
    const files = await checkedFiles(context);
    const wanted = Object.keys(languages).filter(
      (name) =>
        (options.language ?? name) === name &&
        files.some(({ language }) => languages[name]!.includes(language)),
    );
    const most = budget.quick ? 3 : Number(options.places ?? Infinity);
    return withEngine(context, files, async (measuring) => {
      const figures: Figures[] = [];
      for (const name of wanted) {
        const own = files.filter(({ language }) => languages[name]!.includes(language));
        const isWhole = options.places !== undefined || budget.minutes === undefined;
        // The first ones are spread over all packages; a run that is to measure all of them reads each project once.
        const all = (await placesOf(own, seed)).slice(0, most);
        const places = inRows(all, isWhole ? all.length : IN_A_ROW);
        const share = 1 / wanted.length;
        const measured = await context.measureEach(
          name,
          places,
          (place) => measurePlace(place, measuring),
          share,
        );
        figures.push(named(name, monitorFigures(measured, seed)));
      }
      return Object.assign({}, ...figures) as Figures;
    });
  },
};

/** The files of the workspaces that type-check; the others are refused, and it is said why. */
async function checkedFiles({ corpus, files, progress }: BenchContext): Promise<readonly CorpusFile[]> {
  const checked: CorpusFile[] = [];
  const refused: string[] = [];
  for (const workspace of workspacesOf(corpus, files)) {
    const why = await refusal(workspace);
    const name = path.relative(corpus, workspace.folder) || path.basename(corpus);
    if (why === undefined) checked.push(...workspace.files);
    else refused.push(`${name} is refused: ${why}.`);
  }
  for (const line of refused) progress(`monitors: ${line}`);
  if (checked.length === 0) {
    throw new Error(
      `No workspace is left. ${refused.join(' ')} Install the dependencies of a project that type-checks, or make the default ones with \`node test/bench/monitors/fetch-workspaces.mjs\`.`,
    );
  }
  return checked;
}

async function withEngine(
  { options, seed, corpus, progress, files: all }: BenchContext,
  files: readonly CorpusFile[],
  measure: (measuring: Measuring) => Promise<Figures>,
): Promise<Figures> {
  const folders = workspacesOf(corpus, all).map(({ folder }) => folder);
  const analysis = openAnalysis({
    folders: () => folders,
    trusted: () => true,
    commands: () => ({}),
    documents: () => [],
    changed: () => undefined,
  });
  const loaded = options.suggestions === 'no' ? undefined : await loadModel(options, analysis);
  try {
    progress(`monitors: ${loaded?.engine.model.name ?? 'no model'}, ${files.length} files that type-check.`);
    const promptTokens = Number(options['prompt-tokens'] ?? defaultSettings.promptTokens);
    return await measure({
      engine: loaded?.engine,
      settings: { ...defaultSettings, drafts: 1, lines: 'single', rescore: 'off', promptTokens },
      seed,
      ask: (question, place) => ask(question, place, analysis),
    });
  } finally {
    await Promise.all([loaded?.writer.dispose(), analysis.stop()]);
  }
}

async function loadModel(options: BenchContext['options'], analysis: CountedAnalysis) {
  const bundle = await readBundle(path.resolve(root, options.bundle ?? 'models/smollm2-135m'));
  const workerFile = path.join(root, 'dist/worker.mjs');
  if (!existsSync(workerFile)) throw new Error('There is no dist/worker.mjs: run `npm run build`.');
  const writer = new WorkerWriter({
    workerFile,
    bundleDir: bundle.folder,
    grammarsDir: path.join(root, 'dist/grammars'),
    threads: Number(options.threads ?? Math.max(1, Math.floor(availableParallelism() / 2))),
    answer: analysis.answer,
  });
  const { device } = await writer.ready();
  const model = { name: bundle.name, identity: identityOf(bundle), device, prompt: bundle.prompt };
  return { writer, engine: { kind: 'ready', writer, model } as const };
}

const never = new AbortController().signal;

async function ask(
  question: Parameters<Measuring['ask']>[0],
  { file, before, after }: MonitorPlace,
  analysis: CountedAnalysis,
): Promise<Answer> {
  const uri = pathToFileURL(file.absolutePath).href;
  return (await analysis.answer(
    question,
    { uri, languageId: file.languageId, before, after },
    never,
  )) as Answer;
}

/** Round the packages, some places of each in a row. */
function inRows(places: readonly MonitorPlace[], inARow: number): readonly MonitorPlace[] {
  const ofGroups = new Map<string, MonitorPlace[]>();
  for (const place of places) {
    const own = ofGroups.get(place.file.group) ?? [];
    own.push(place);
    ofGroups.set(place.file.group, own);
  }
  const rows: MonitorPlace[] = [];
  for (let start = 0; rows.length < places.length; start += inARow) {
    for (const own of ofGroups.values()) rows.push(...own.slice(start, start + inARow));
  }
  return rows;
}

function named(language: string, figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [`${language}.${name}`, figure]));
}
