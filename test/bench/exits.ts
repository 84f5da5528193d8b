/** Exits and stopping: layers and time that leaving early saves, and how right suggestions are that are stopped. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readExitChoice } from '../../cli/exit-choice.js';
import { stopLevels } from '../../language-server/completion/stop-levels.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { readBundle } from '../../language-server/inference/bundle.js';
import type { Benchmark, BenchContext, Figures } from './benchmark.js';
import { cutsOf, type Cut } from './cases.js';
import { openExitsEngine } from './exits/engine.js';
import { figuresOf } from './exits/figures.js';
import { openExitDrafts } from './exits/exit-drafts.js';
import { openLossless } from './exits/lossless.js';
import { measureCut } from './exits/measure-cut.js';
import { writePictures } from './exits/pictures.js';
import { twoWaysFigures } from './exits/two-ways.js';

const root = path.resolve(import.meta.dirname, '../..');
const languages = ['typescript', 'tsx', 'javascript', 'python'];
/** Of each kind in each language: 1,000 places a language in the full form. */
const sizes = { full: 500, quick: 1 };
/** Places that are timed; the time of one is that of the next, whether it is right or not. */
const TIMED = 400;
/** Places at which all rules are compared: each has to be run where a replay does not tell. */
const DRAWN = 400;
/** Prompts of the other parts, and the share of the time that each may take where all are asked for. */
const PROMPTS = 500;
const PART_SHARE = 0.1;

export const exits: Benchmark = {
  name: 'exits',
  summary: 'layers and time saved by leaving early; precision of suggestions that stop on uncertainty.',
  options: {
    bundle: 'folder of a bundle; else the one that ships',
    exits: 'the policy that is compared with full depth, as on the command line; else controller:0.9',
    level: 'the level of stopping: cautious, balanced or eager; else balanced',
    threads: 'threads for the model; else 1',
    'prompt-tokens': 'most tokens of a prompt; else as in the product',
    timed: `how many places are timed; else ${TIMED}`,
    drawn: `at how many places all rules are compared, for the curves; else ${DRAWN}`,
    part: 'lossless (reading ahead), exit-drafts (self-speculation) or places (all else); else all',
    controller:
      'folder of the bundle whose controller says when self-speculation drafts; else that of the bundle',
    pictures: 'folder for the pictures; else none are drawn',
  },
  async run(context) {
    const { options, budget, seed, progress } = context;
    const bundle = await readBundle(path.resolve(root, options.bundle ?? 'models/smollm2-135m'));
    const choice = readExitChoice(options.exits ?? 'controller:0.9');
    const level = levelOf(options.level ?? 'balanced');
    if (!existsSync(path.join(root, 'dist/grammars')))
      throw new Error('There is no dist/grammars: run `npm run build`.');
    const threads = Number(options.threads ?? 1);
    const promptTokens = Number(options['prompt-tokens'] ?? defaultSettings.promptTokens);
    const judge =
      options.controller === undefined ? bundle : await readBundle(path.resolve(root, options.controller));
    const parts = partsOf(options.part);
    const places = placesOf(context);
    const order = new Map(places.map((cut, at) => [cut, at]));
    progress(`exits: ${bundle.name}, ${threads} threads.`);
    let figures: Figures = {};
    const some = places.slice(0, budget.quick ? 1 : PROMPTS);
    const isEven = (cut: Cut): boolean => order.get(cut)! % 2 === 0;
    const share = parts.length === 1 ? 1 : PART_SHARE;
    if (parts.includes('lossless')) {
      const lossless = await openLossless(bundle, threads, promptTokens);
      try {
        const measure = (cut: Cut) => lossless.measure(cut, isEven(cut));
        const measured = await context.measureEach('reading ahead', some, measure, share);
        figures = twoWaysFigures('lossless', measured, seed);
      } finally {
        await lossless.close();
      }
    }
    if (parts.includes('exit-drafts')) {
      const drafts = await openExitDrafts(bundle, judge, threads);
      try {
        const measure = (cut: Cut) => drafts.measure(cut, isEven(cut));
        const measured = await context.measureEach('self-speculation', some, measure, share);
        figures = { ...figures, ...twoWaysFigures('exit_drafts', measured, seed) };
      } finally {
        await drafts.close();
      }
    }
    if (!parts.includes('places')) return figures;
    const engine = await openExitsEngine(root, bundle, choice, threads);
    try {
      const settings = {
        ...defaultSettings,
        drafts: 1,
        rescore: 'off',
        promptTokens,
        speculation: false,
      } as const;
      const timed = budget.quick ? 1 : Number(options.timed ?? TIMED);
      const drawn = Number(options.drawn ?? DRAWN);
      const measured = await context.measureEach('places', places, (cut) =>
        measureCut(cut, {
          ...{ engine, settings, exits: choice, least: stopLevels[level], seed },
          isTimed: order.get(cut)! < timed,
          isDrawn: order.get(cut)! < drawn,
        }),
      );
      const all = { ...figuresOf(measured, bundle.architecture.layers, seed), ...figures };
      if (options.pictures !== undefined && !budget.quick)
        await writePictures(path.resolve(root, options.pictures), measured, all);
      return all;
    } finally {
      await engine.close();
    }
  },
};

const partNames = ['lossless', 'exit-drafts', 'places'] as const;

function partsOf(name: string | undefined): readonly string[] {
  if (name === undefined) return partNames;
  if (!partNames.some((part) => part === name))
    throw new Error(`--part is ${partNames.join(' or ')}, not ${name}.`);
  return [name];
}

/** Rest-of-line and whole-line cuts of all languages by turns, so that any number of first ones is a fair sample. */
function placesOf({ files, seed, budget }: BenchContext): readonly Cut[] {
  const size = budget.quick ? sizes.quick : sizes.full;
  const lists = languages.flatMap((language) =>
    (['rest-of-line', 'middle-line'] as const).map((kind) =>
      cutsOf(
        files.filter((file) => file.language === language),
        kind,
        size,
        seed,
      ).map((cut) => ({ ...cut, id: `${kind} ${cut.id}` })),
    ),
  );
  return Array.from({ length: size }, (_, turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  ).flat();
}

function levelOf(name: string): keyof typeof stopLevels {
  if (name !== 'cautious' && name !== 'balanced' && name !== 'eager')
    throw new Error(`--level is cautious, balanced or eager, not ${name}.`);
  return name;
}
