/** Calibrates on files: asks the very pipeline at each place, keeps each answer, and says what can be promised. */
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { calibrate, keptShare, type Calibrated, type Promised } from '../holes/calibrate.js';
import type { CalibratedPromise } from '../holes/calibration-file.js';
import type { JudgedPlace } from '../holes/calibration-store.js';
import type { Truth } from '../holes/containment.js';
import { holePlaces } from '../holes/hole-places.js';
import type { HoleTree } from '../holes/hole-tree.js';
import { judgePlace, silentPlace } from '../holes/judge-place.js';
import { namesIn } from '../holes/mirrors.js';
import { tradeOff } from '../holes/trade-off.js';
import type { Settings } from '../protocol.js';
import type { CalibrationPlace } from './calibration-places.js';
import { completeAt } from './complete-at.js';
import type { Engine } from './engine.js';
import { noNeighbors, type Neighbors } from './snippets.js';
import { suggestionTree, trueTree } from './suggestion-tree.js';

/** Settings under which promises are made: one suggestion of one line. Part of what a calibration is valid for. */
export function settingsForHoles(settings: Settings): Settings {
  // What an analysis server says, or is too late to say, differs from run to run.
  return {
    ...settings,
    ...{ drafts: 1, drafting: 'branches', lines: 'single', rescore: 'off' },
    monitors: { '*': 'off' },
  };
}

/** What was offered at a place, beside what really stood there. */
export interface AskedPlace {
  /** Undefined where nothing was offered. */
  readonly tree: HoleTree | undefined;
  readonly truth: Truth;
}

/**
 * Asks the pipeline at a place. Undefined where the file does not parse with its own line in it: there is no truth to
 * compare with. Rejects when the engine breaks or `signal` aborts.
 */
export async function askAt(
  place: CalibrationPlace,
  language: SyntaxLanguage,
  engine: Engine,
  settings: Settings,
  signal: AbortSignal,
  neighbors: Neighbors = noNeighbors,
): Promise<AskedPlace | undefined> {
  const { file, before, after } = place;
  const truth = trueTree(language, { before, after }, place.truth);
  if (!truth) return undefined;
  const request = {
    text: before + after,
    path: file.path,
    languageId: file.languageId,
    offset: before.length,
    mode: 'explicit',
    settings: settingsForHoles(settings),
    engine,
    neighbors,
  } as const;
  const { items } = await completeAt(request, signal);
  signal.throwIfAborted();
  const [item] = items;
  const tree = item && suggestionTree(language, { before, after }, item.text, item.draft);
  return { tree: typeof tree === 'string' ? undefined : tree, truth };
}

/** At which budgets an answer with at most so many holes was wrong. */
export function judge(
  { id, file, before }: CalibrationPlace,
  { tree, truth }: AskedPlace,
  holes: number,
): JudgedPlace {
  const outcome = tree
    ? judgePlace(tree, tradeOff(tree, holePlaces(tree, 'both'), holes), namesIn(before), truth)
    : silentPlace;
  return { id, language: file.languageId, group: file.path, holes, outcome };
}

/** What was found for one language: the promise computed on all places, and a look at files left out of it. */
export interface LanguageReport {
  readonly language: string;
  readonly promised: Promised;
  readonly found: Calibrated;
  /** Calibrated on half of the files and looked at on the other half; undefined where that half is too small. */
  readonly heldOut: { readonly places: number; readonly mistakes: number; readonly kept: number } | undefined;
}

/** `random` gives numbers in [0, 1) and chooses the halves. */
export function reportOn(
  places: readonly JudgedPlace[],
  language: string,
  promised: Promised,
  random: () => number,
): LanguageReport {
  const own = places.filter((place) => place.language === language);
  const found = calibrate(
    own.map(({ outcome }) => outcome),
    promised,
  );
  const files = [...new Set(own.map(({ group }) => group))].map((file) => ({ file, rank: random() }));
  const half = new Set(
    files
      .sort((a, b) => a.rank - b.rank)
      .slice(0, Math.ceil(files.length / 2))
      .map(({ file }) => file),
  );
  const on = own.filter(({ group }) => half.has(group)).map(({ outcome }) => outcome);
  const out = own.filter(({ group }) => !half.has(group)).map(({ outcome }) => outcome);
  const tried = calibrate(on, promised);
  if (tried.kind !== 'budget' || out.length === 0) return { language, promised, found, heldOut: undefined };
  const mistakes = out.filter(({ wrong }) => wrong[tried.index]).length;
  const heldOut = { places: out.length, mistakes, kept: keptShare(out, tried.index) };
  return { language, promised, found, heldOut };
}

/** The report as it is kept; undefined for too few places, which promise nothing. */
export function promiseOf(
  { language, promised, found }: LanguageReport,
  holes: number,
  grammar: string,
): CalibratedPromise | undefined {
  const { epsilon, delta } = promised;
  switch (found.kind) {
    case 'too-few-places':
      return undefined;
    case 'not-attainable':
      return {
        language,
        grammar,
        epsilon,
        delta,
        holes,
        budget: 'not-attainable',
        places: found.places,
        mistakes: 0,
        kept: 0,
      };
    case 'budget': {
      const { budget, places, mistakes, kept } = found;
      return { language, grammar, epsilon, delta, holes, budget, places, mistakes, kept };
    }
  }
}

/** The report in words. */
export function reportText({ language, promised, found, heldOut }: LanguageReport): string {
  const { epsilon, delta } = promised;
  const head = `${language}, ε = ${epsilon}, δ = ${delta}:`;
  switch (found.kind) {
    case 'too-few-places':
      return `${head} ${found.places} places are too few; ${found.missing} more are needed. Nothing is promised.`;
    case 'not-attainable':
      return `${head} not attainable on ${found.places} places: no budget both keeps this promise and leaves text to show.`;
    case 'budget': {
      const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
      const kept = `${percent(found.kept)} of the text is kept`;
      const all = `${head} budget ${found.budget.toFixed(3)} nats; wrong at ${found.mistakes} of ${found.places} places, ${kept}.`;
      if (!heldOut) return `${all} Too few files to hold half of them out.`;
      const { places, mistakes } = heldOut;
      return `${all} On files held out of a second calibration: wrong at ${mistakes} of ${places} (${percent(mistakes / places)}), ${percent(heldOut.kept)} kept.`;
    }
  }
}
