/** Calibrates on a folder from beginning to end: for the command line and the editor alike. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../protocol.js';
import type { ReadyEngine } from './ask-model.js';
import { sourceFilesIn } from './calibration-files.js';
import { byNewest, chanceFor, placesIn } from './calibration-places.js';
import { askAt, judge, promiseOf, reportOn, type LanguageReport } from './calibration-run.js';
import type { CalibratedPromise } from '../holes/calibration-file.js';
import { keepPlace, keptPlaces, saveCalibration, type JudgedPlace } from '../holes/calibration-store.js';
import type { grammarsFrom } from './grammar-for.js';
import { calibrationName } from './hole-promises.js';
import { digest, grammarOf, pipelineOf } from './pipeline-identity.js';
import { neighborsIn } from './read-neighbors.js';

/** The promises that are looked for when none is named. */
export const usualEpsilons = [0.05, 0.1, 0.2, 0.3];
export const usualPlaces = 300;
const delta = 0.1;

export interface Calibration {
  /** Absolute; the files in it are asked about. */
  readonly folder: string;
  /** Where places and result are kept. */
  readonly home: string;
  readonly engine: ReadyEngine;
  readonly settings: Settings;
  /** Most holes of a suggestion. */
  readonly holes: number;
  readonly epsilons: readonly number[];
  /** Most places. */
  readonly places: number;
  readonly languageOf: ReturnType<typeof grammarsFrom>;
}

export interface CalibrationOutcome {
  readonly places: number;
  /** By language and ε; none when there was no place to ask about. */
  readonly reports: readonly LanguageReport[];
  /** Where it is kept; undefined when nothing can be promised. */
  readonly file: string | undefined;
}

/**
 * Goes on where an earlier run of the same calibration stopped. An interruption loses the place being judged, nothing
 * else. Rejects when the engine breaks or `signal` aborts.
 */
export async function calibrateFolder(
  { folder, home, engine, settings, holes, epsilons, places, languageOf }: Calibration,
  signal: AbortSignal,
  progress: (places: number, file: string) => void,
): Promise<CalibrationOutcome> {
  const { name, identity: bundle } = engine.model;
  const pipeline = pipelineOf(settings);
  const unfinished = path.join(home, `places-${name}-${digest(bundle)}-${pipeline}-${holes}.jsonl`);
  const known = new Map((await keptPlaces(unfinished)).map((place) => [place.id, place]));
  const neighbors = neighborsIn([folder], []);
  const judged: JudgedPlace[] = [];
  for (const file of byNewest(await sourceFilesIn(folder))) {
    const language = await languageOf(file.languageId);
    if ('unusable' in language) continue;
    for (const place of placesIn(file, language, chanceFor(file.path))) {
      if (judged.length === places) break;
      signal.throwIfAborted();
      let one = known.get(place.id);
      if (!one) {
        const asked = await askAt(place, language, engine, settings, signal, neighbors);
        if (!asked) continue;
        one = judge(place, asked, holes);
        await keepPlace(unfinished, one);
      }
      judged.push(one);
      progress(judged.length, path.relative(folder, file.path));
    }
  }
  const reports = [...new Set(judged.map(({ language }) => language))]
    .sort()
    .flatMap((language) =>
      epsilons.map((epsilon) => reportOn(judged, language, { epsilon, delta }, chanceFor(folder))),
    );
  const promises: CalibratedPromise[] = [];
  for (const report of reports) {
    const language = await languageOf(report.language);
    const promise = 'unusable' in language ? undefined : promiseOf(report, holes, grammarOf(language));
    if (promise) promises.push(promise);
  }
  if (promises.length === 0) return { places: judged.length, reports, file: undefined };
  const file = path.join(home, calibrationName);
  const date = new Date().toISOString().slice(0, 10);
  await saveCalibration(file, { version: 1, bundle, pipeline, computedOn: folder, date, promises });
  await rm(unfinished, { force: true });
  return { places: judged.length, reports, file };
}
