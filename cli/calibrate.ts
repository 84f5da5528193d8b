/** `candor calibrate FOLDER`: how sure suggestions must be on a person's own files, for promises that can be kept. */
import { stat, rm } from 'node:fs/promises';
import path from 'node:path';
import { byNewest, chanceFor, placesIn } from '../language-server/completion/calibration-places.js';
import { sourceFilesIn } from '../language-server/completion/calibration-files.js';
import { judgeAt, promiseOf, reportOn, reportText } from '../language-server/completion/calibration-run.js';
import {
  calibrationHome,
  calibrationName,
  grammarOf,
  type CalibratedPromise,
  keepPlace,
  keptPlaces,
  pipelineOf,
  saveCalibration,
  type JudgedPlace,
} from '../language-server/completion/hole-promises.js';
import { grammarsFrom } from '../language-server/completion/grammar-for.js';
import type { Options } from './arguments.js';
import type { Print } from './complete.js';
import { settingsOf, type LoadedEngine } from './completer.js';
import { usualHoles } from './holes.js';
import { WrongArguments } from './wrong-arguments.js';

/** The promises that are looked for when none is named. */
const epsilons = [0.05, 0.1, 0.2, 0.3];
const delta = 0.1;
const mostPlaces = 300;

/** @throws WrongArguments when it is not a folder. */
export async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new WrongArguments(`${folder} is not a folder.`);
}

/**
 * Goes on where an earlier run of the same calibration stopped, and says what was found. An interruption loses the
 * place being judged, nothing else.
 */
export async function runCalibration(
  root: string,
  folder: string,
  { engine, bundle }: LoadedEngine,
  options: Options,
  print: Print,
  progress: (line: string) => void,
): Promise<void> {
  const settings = settingsOf(options);
  const holes = options.maxHoles ?? usualHoles;
  const home = calibrationHome(folder, process.env);
  const pipeline = pipelineOf(settings);
  const unfinished = path.join(home, `places-${bundle}-${pipeline}-${holes}.jsonl`);
  const known = new Map((await keptPlaces(unfinished)).map((place) => [place.id, place]));
  const languageOf = grammarsFrom(path.join(root, 'dist/grammars'));
  const judged: JudgedPlace[] = [];
  for (const file of byNewest(await sourceFilesIn(folder))) {
    const language = await languageOf(file.languageId);
    if ('unusable' in language) continue;
    for (const place of placesIn(file, language, chanceFor(file.path))) {
      if (judged.length === (options.places ?? mostPlaces)) break;
      const before = known.get(place.id);
      const one =
        before ?? (await judgeAt(place, language, engine, settings, holes, new AbortController().signal));
      if (!one) continue;
      if (!before) await keepPlace(unfinished, one);
      judged.push(one);
      progress(`Place ${judged.length}: ${path.relative(folder, file.path)}`);
    }
  }
  const found = [...new Set(judged.map(({ language }) => language))].sort();
  if (found.length === 0) {
    print(`There is no file in ${folder} that a calibration could use. Nothing is promised.\n`);
    return;
  }
  const promised = (options.holes === undefined ? epsilons : [options.holes]).map((epsilon) => ({
    epsilon,
    delta,
  }));
  const reports = found.flatMap((language) =>
    promised.map((one) => reportOn(judged, language, one, chanceFor(folder))),
  );
  const promises: CalibratedPromise[] = [];
  for (const report of reports) {
    const language = await languageOf(report.language);
    const promise = 'unusable' in language ? undefined : promiseOf(report, holes, grammarOf(language));
    if (promise) promises.push(promise);
  }
  for (const report of reports) print(`${reportText(report)}\n`);
  print(
    `Suggestions of one line with at most ${holes} holes, ${judged.length} places of ${folder}. The promise is for\n`,
  );
  print(
    'places like these, one of each function; places of one file are alike, and future code may be unlike both.\n',
  );
  if (promises.length === 0) return;
  const file = path.join(home, calibrationName);
  const date = new Date().toISOString().slice(0, 10);
  await saveCalibration(file, {
    version: 1,
    bundle,
    pipeline,
    computedOn: path.resolve(folder),
    date,
    promises,
  });
  await rm(unfinished, { force: true });
  print(`Kept in ${file}.\n`);
}
