/** Several drafts: how often the true line is among them, and what they cost beside one, by the way they are written. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { grammarNames } from '../support/grammars.js';
import { WrongArguments, type Benchmark, type BenchContext } from './benchmark.js';
import { cutsOf, type Cut } from './cases.js';
import { arms, comparedOf, greedy, lengths, readAhead } from './drafts/arms.js';
import { openDraftsEngine, type DraftsEngine } from './drafts/engine.js';
import { draftsFigures } from './drafts/figures.js';
import { measurePlace } from './drafts/measure-place.js';
import { noTypeJudge, openTypeJudge } from './drafts/type-errors.js';
import { deviceAsked } from './gpu/devices-asked.js';
import { planOn } from './gpu/plan-on.js';
import { randomFor, shuffled } from './random.js';

const root = path.resolve(import.meta.dirname, '../..');
const LANGUAGES = ['typescript', 'tsx', 'javascript', 'python'];
/** Timing all arms at four lengths takes as long as four places. */
const TIMED_EVERY = 4;

export const drafts: Benchmark = {
  name: 'drafts',
  summary: 'several drafts: superposed, branches, samples, beams; the true line among them, and the time.',
  options: {
    bundle: 'folder of a bundle; else the one that ships',
    device: 'where the model runs: cpu, webgpu, cuda; else cpu',
    threads: 'threads for the model; else half the cores',
    'prompt-tokens': 'most tokens of a prompt; else 256',
    'max-tokens': 'most tokens of a draft; else 40',
    'timed-every': `of so many places one is timed at fixed lengths; else ${TIMED_EVERY}`,
    arms: `which to compare with one greedy draft, with commas between; else ${arms.map(({ name }) => name).join(',')}`,
    lengths: `fixed lengths, with commas between; else ${lengths.join(',')}`,
    types: 'no: without type errors, so that no analysis is started',
  },
  async run(context) {
    const { budget, options, seed, progress } = context;
    const device = deviceAsked(options.device);
    const compared = comparedOf(options);
    if (options.types !== undefined && options.types !== 'no')
      throw new WrongArguments(`--types takes no, not ${options.types}.`);
    const bundle = path.resolve(root, options.bundle ?? 'models/smollm2-135m');
    const timedEvery = Number(options['timed-every'] ?? TIMED_EVERY);
    const threads = Number(options.threads ?? Math.max(1, Math.floor(availableParallelism() / 2)));
    let engine: DraftsEngine | undefined;
    const plan = await planOn(device, bundle, threads, progress);
    const types = options.types === 'no' ? noTypeJudge : openTypeJudge(context.corpus);
    try {
      const places = placesOf(context);
      const index = new Map(places.map((place, at) => [place, at]));
      const measured = await context.measureEach('places', places, async (place) => {
        engine ??= await openDraftsEngine(root, bundle, plan, threads);
        return measurePlace(place, engine, types.judge, {
          promptTokens: Number(options['prompt-tokens'] ?? 256),
          maxTokens: budget.quick ? 6 : Number(options['max-tokens'] ?? 40),
          timed: index.get(place)! % timedEvery === 0,
          lengths: compared.lengths,
          order: shuffled(compared.arms, randomFor(seed, `arms ${place.id}`)),
          timedOrder: shuffled(
            [greedy, readAhead, ...compared.arms],
            randomFor(seed, `timed arms ${place.id}`),
          ),
        });
      });
      return draftsFigures(measured, compared, seed);
    } finally {
      await Promise.all([engine?.close(), types.close()]);
    }
  },
};

/** One place a file, by turns the rest of a line and a whole line, round the languages. */
function placesOf({ files, seed, budget }: BenchContext): readonly Cut[] {
  const usable = files.filter(
    ({ language }) => LANGUAGES.includes(language) && grammarNames.includes(language),
  );
  const cuts = usable.flatMap((file, at) =>
    cutsOf([file], at % 2 === 0 ? 'rest-of-line' : 'middle-line', 1, seed),
  );
  return budget.quick ? cuts.slice(0, 1) : cuts;
}
