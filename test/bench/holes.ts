/** Holes: whether the promise holds on text that it was not calibrated on, and how much text it leaves. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Engine } from '../../language-server/completion/engine.js';
import { WorkerWriter } from '../../language-server/decoding/worker-writer.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { readBundle } from '../../language-server/inference/bundle.js';
import { modelOf } from '../../language-server/open-engine.js';
import type { Settings } from '../../language-server/protocol.js';
import { grammarNames } from '../support/grammars.js';
import type { Benchmark, BenchContext, Figures, Measured } from './benchmark.js';
import { cutsOf, type Cut } from './cases.js';
import { dynamicProgramFigures } from './holes/dynamic-program.js';
import { promiseFigures } from './holes/figures.js';
import { draftAt, judgeDraft, type PlaceResult } from './holes/measure-place.js';
import { writePictures } from './holes/pictures.js';
import { randomFor, shuffled } from './random.js';
import { quantileFigure } from './statistics.js';

const root = path.resolve(import.meta.dirname, '../..');

export const holes: Benchmark = {
  name: 'holes',
  summary: 'suggestions with holes: whether the promised error rate holds, and how much text is kept.',
  options: {
    bundle: 'folder of a bundle; else the one that ships',
    threads: 'threads for the model; else half the cores',
    places: 'most places, one a file; else all',
    'prompt-tokens': 'most tokens of a prompt; else as in the product',
    pictures: 'folder for the pictures; else none are drawn',
  },
  async run(context) {
    const { seed, budget, options } = context;
    const figures = dynamicProgramFigures(seed, budget.quick);
    const measured = await measureAll(context);
    const offered = measured.filter(({ result }) => 0 < result.ink).map(({ result }) => result);
    const promises = promiseFigures(measured, seed, budget.quick ? 5 : 100);
    if (options.pictures !== undefined) await writePictures(path.resolve(root, options.pictures), promises);
    return {
      ...figures,
      dp_draft_ms_p95: quantileFigure(
        offered.map(({ dpMs }) => dpMs),
        0.95,
        'ms',
      ),
      draft_nodes_p95: quantileFigure(
        offered.map(({ nodes }) => nodes),
        0.95,
        'nodes',
      ),
      offered: { value: offered.length / measured.length, unit: '1', n: measured.length },
      ...silenceFigures(measured),
      ...promises,
    };
  },
};

/** One place a file: the rest of a line or a whole one, by chance, so that places are as independent as files. */
function placesOf({ files, seed, options, budget }: BenchContext): readonly Cut[] {
  const usable = files.filter(({ language }) => grammarNames.includes(language));
  const random = randomFor(seed, 'hole places');
  const cuts = usable.flatMap((file) =>
    cutsOf([file], random() < 0.5 ? 'rest-of-line' : 'middle-line', 1, seed),
  );
  const most = budget.quick ? 4 : options.places === undefined ? cuts.length : Number(options.places);
  return shuffled(cuts, random).slice(0, most);
}

async function measureAll(context: BenchContext): Promise<readonly Measured<Cut, PlaceResult>[]> {
  const { options, progress } = context;
  const bundle = await readBundle(path.resolve(root, options.bundle ?? 'models/smollm2-135m'));
  const workerFile = path.join(root, 'dist/worker.mjs');
  if (!existsSync(workerFile)) throw new Error('There is no dist/worker.mjs: run `npm run build`.');
  const writer = new WorkerWriter({
    workerFile,
    bundleDir: bundle.folder,
    grammarsDir: path.join(root, 'dist/grammars'),
    threads: Number(options.threads ?? Math.max(1, Math.floor(availableParallelism() / 2))),
  });
  try {
    const { device } = await writer.ready();
    const model = { ...modelOf(bundle), device };
    const engine: Engine = { kind: 'ready', writer, model };
    progress(`holes: ${bundle.name} on ${device}.`);
    const drafts = await context.measureEach('drafts', placesOf(context), (cut) =>
      draftAt(cut, engine, settingsOf(context)),
    );
    return await Promise.all(
      drafts.map(async ({ of, result }) => ({ of, result: await judgeDraft(of, result) })),
    );
  } finally {
    await writer.dispose();
  }
}

/** Promises are made for one-line suggestions; see docs/holes.md. */
function settingsOf({ options }: BenchContext): Settings {
  const promptTokens = Number(options['prompt-tokens'] ?? defaultSettings.promptTokens);
  return { ...defaultSettings, drafts: 1, lines: 'single', rescore: 'off', promptTokens };
}

function silenceFigures(measured: readonly Measured<Cut, PlaceResult>[]): Figures {
  const why = measured.flatMap(({ result }) => (result.why === undefined ? [] : [result.why]));
  return Object.fromEntries(
    [...new Set(why)].sort().map((reason) => [
      `silent.${reason.replaceAll('-', '_')}`,
      {
        value: why.filter((one) => one === reason).length / measured.length,
        unit: '1',
        n: measured.length,
      },
    ]),
  );
}
