/** Learns on code when a draft is still what its author wrote: asks the very pipeline, and looks after each token. */
import type { Writer } from '../decoding/write-request.js';
import { featureNames } from '../decoding/doubt/features.js';
import { chanceOf, fitLogistic, logOdds } from '../decoding/doubt/logistic.js';
import type { StopModel } from '../decoding/doubt/stop-model.js';
import type { Settings } from '../protocol.js';
import type { ReadyEngine } from './ask-model.js';
import { sourceFilesIn } from './calibration-files.js';
import { chanceFor, placesIn, type CalibrationPlace } from './calibration-places.js';
import { completeAt } from './complete-at.js';
import type { grammarsFrom } from './grammar-for.js';

/** A draft after one of its tokens. */
export interface Moment {
  readonly features: readonly number[];
  /** Whether the text so far is what the author wrote. */
  readonly right: boolean;
  /** The file: moments of one are alike. */
  readonly group: string;
}

/** Long prompts take long to read, and sure drafts look alike after short ones. */
const PROMPT_TOKENS = 256;
const PLACES_A_FILE = 2;
/** Counts like so many moments against large weights. */
const RIDGE = 10;

/** Moments of `places` suggestions, of files in an order that chance fixes. Rejects when the engine breaks. */
export async function observeDrafts(
  folder: string,
  engine: ReadyEngine,
  settings: Settings,
  places: number,
  languageOf: ReturnType<typeof grammarsFrom>,
  signal: AbortSignal,
  progress: (places: number) => void,
): Promise<readonly Moment[]> {
  const looking = { ...engine, writer: lookingWriter(engine.writer) };
  const rank = new Map((await sourceFilesIn(folder)).map((file) => [file, chanceFor(file.path)()]));
  const moments: Moment[] = [];
  let asked = 0;
  for (const [file] of [...rank].sort(([, a], [, b]) => a - b)) {
    const language = await languageOf(file.languageId);
    if ('unusable' in language) continue;
    for (const place of placesIn(file, language, chanceFor(file.path)).slice(0, PLACES_A_FILE)) {
      if (places <= asked) return moments;
      const { items } = await completeAt(
        {
          text: place.before + place.after,
          path: file.path,
          languageId: file.languageId,
          offset: place.before.length,
          mode: 'explicit',
          settings: {
            ...settings,
            ...{ drafts: 1, rescore: 'off' },
            promptTokens: Math.min(settings.promptTokens, PROMPT_TOKENS),
          },
          engine: looking,
        },
        signal,
      );
      signal.throwIfAborted();
      progress(++asked);
      if (items[0]) moments.push(...momentsOf(items[0].draft.tokens, place));
    }
  }
  return moments;
}

function momentsOf(
  tokens: readonly { readonly text: string; readonly features?: readonly number[] }[],
  { file, truth, after }: CalibrationPlace,
): readonly Moment[] {
  let written = '';
  return tokens.flatMap(({ text, features }) => {
    written += text;
    if (!features) return [];
    return [{ features, right: (truth + after).startsWith(written), group: file.path }];
  });
}

function lookingWriter(writer: Writer): Writer {
  const stop = { least: 0, features: true };
  return {
    write: (request, signal, onProgress) => writer.write({ ...request, stop }, signal, onProgress),
  };
}

/** There must be a moment at least. */
export function fitStop(moments: readonly Moment[], places: number): StopModel {
  const labels = moments.map(({ right }) => right);
  const fitted = fitLogistic(
    moments.map(({ features }) => features),
    labels,
    RIDGE,
  );
  return {
    format: 'candor-stop',
    version: 1,
    features: [...featureNames],
    means: fitted.means.map(short),
    scales: fitted.scales.map(short),
    weights: fitted.weights.map(short),
    offset: short(fitted.offset),
    places,
    tokens: moments.length,
    right: short(labels.filter(Boolean).length / moments.length),
  };
}

/** Fitted on half of the files, judged on the other half: how often a right moment is surer than a wrong one. */
export function heldOutOrder(moments: readonly Moment[]): number | undefined {
  const inFirstHalf = (moment: Moment) => chanceFor(`half of ${moment.group}`)() < 0.5;
  const [learnt, judged] = [moments.filter(inFirstHalf), moments.filter((one) => !inFirstHalf(one))];
  if (learnt.length === 0 || judged.length === 0) return undefined;
  const model = fitStop(learnt, 1);
  const chances = judged.map(({ features, right }) => ({
    chance: chanceOf(logOdds(model, features)),
    right,
  }));
  return orderOf(chances);
}

/** The area under the curve of the receiver: one half is chance, one is perfect. */
export function orderOf(judged: readonly { readonly chance: number; readonly right: boolean }[]): number {
  const right = judged.filter((one) => one.right);
  const wrong = judged.filter((one) => !one.right);
  let before = 0;
  for (const one of right)
    for (const other of wrong)
      before += other.chance < one.chance ? 1 : other.chance === one.chance ? 0.5 : 0;
  return before / (right.length * wrong.length);
}

function short(value: number): number {
  return Number(value.toPrecision(6));
}
