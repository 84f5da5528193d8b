/** Calibrates a model on published code, one place a file: what ships with it, for workspaces without a calibration. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CalibrationFile, PipelineProbe } from '../holes/calibration-file.js';
import { keepPlace, keptPlaces, type JudgedPlace } from '../holes/calibration-store.js';
import type { Settings } from '../protocol.js';
import type { ReadyEngine } from './ask-model.js';
import { sourceFilesIn } from './calibration-files.js';
import { chanceFor, placesIn, type CalibrationPlace, type SourceFile } from './calibration-places.js';
import { askAt, judge, promiseOf, reportOn, type LanguageReport } from './calibration-run.js';
import type { grammarsFrom } from './grammar-for.js';
import { grammarOf, pipelineOf } from './pipeline-identity.js';
import { neighborsIn } from './read-neighbors.js';

const delta = 0.1;

export interface BundleCalibration {
  /** Holds one folder for each package, named by the package and its version. */
  readonly corpus: string;
  /** Keeps the places judged so far: an interrupted run goes on where it stopped. */
  readonly unfinished: string;
  readonly engine: ReadyEngine;
  readonly settings: Settings;
  readonly holes: readonly number[];
  readonly epsilons: readonly number[];
  /** Most places of each language. */
  readonly places: number;
  readonly probes: readonly PipelineProbe[];
  readonly languageOf: ReturnType<typeof grammarsFrom>;
}

export interface BundleCalibrated {
  readonly file: CalibrationFile;
  readonly reports: readonly (LanguageReport & { readonly holes: number })[];
}

/** Languages take turns, so that a run that ends early has as many places of each. `isOver` ends it before a place. */
export async function calibrateBundle(
  calibration: BundleCalibration,
  isOver: () => boolean,
  progress: (places: number, file: string) => void,
): Promise<BundleCalibrated> {
  const { corpus, unfinished, engine, settings, holes, epsilons, places, languageOf } = calibration;
  const { signal } = new AbortController();
  const known = new Map<string, readonly JudgedPlace[]>();
  for (const row of await keptPlaces(unfinished)) known.set(row.id, [...(known.get(row.id) ?? []), row]);
  const judged: JudgedPlace[] = [];
  const taken = new Map<string, number>();
  for (const { file, package: name } of await filesInTurn(corpus)) {
    if (isOver()) break;
    const language = await languageOf(file.languageId);
    const count = taken.get(file.languageId) ?? 0;
    if ('unusable' in language || count === places) continue;
    const place = onePlace(placesIn(file, language, chanceFor(nameIn(corpus, file))), corpus);
    if (!place) continue;
    let rows = known.get(place.id);
    if (rows?.length !== holes.length) {
      const neighbors = neighborsIn([path.join(corpus, name)], []);
      const asked = await askAt(place, language, engine, settings, signal, neighbors);
      if (!asked) continue;
      rows = holes.map((most) => ({ ...judge(place, asked, most), group: name }));
      for (const row of rows) await keepPlace(unfinished, row);
    }
    judged.push(...rows);
    taken.set(file.languageId, count + 1);
    progress(judged.length / holes.length, nameIn(corpus, file));
  }
  const reports = [...taken.keys()].sort().flatMap((language) =>
    holes.flatMap((most) => {
      const own = judged.filter((place) => place.holes === most);
      return epsilons.map((epsilon) => ({
        ...reportOn(own, language, { epsilon, delta }, chanceFor('halves')),
        holes: most,
      }));
    }),
  );
  const promises = [];
  for (const report of reports) {
    const language = await languageOf(report.language);
    if ('unusable' in language) continue;
    promises.push(promiseOf(report, report.holes, grammarOf(language)));
  }
  const file: CalibrationFile = {
    version: 1,
    bundle: engine.model.identity,
    pipeline: pipelineOf(settings),
    computedOn: sourcesOf(judged),
    date: new Date().toISOString().slice(0, 10),
    promises: promises.filter((promise) => promise !== undefined),
    probes: [...calibration.probes],
  };
  return { file, reports };
}

interface PackagedFile {
  readonly file: SourceFile;
  readonly package: string;
}

/** All files in an order fixed by their names alone, one language after the other. */
async function filesInTurn(corpus: string): Promise<readonly PackagedFile[]> {
  const folders = (await readdir(corpus, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const files: PackagedFile[] = [];
  for (const { name } of folders) {
    if (name.startsWith('.')) continue;
    for (const file of await sourceFilesIn(path.join(corpus, name))) files.push({ file, package: name });
  }
  const order = new Map(files.map((one) => [one, chanceFor(nameIn(corpus, one.file))()]));
  const shuffled = files.sort((a, b) => order.get(a)! - order.get(b)!);
  const seen = new Map<string, number>();
  const turn = new Map<PackagedFile, number>();
  for (const one of shuffled) {
    const nth = seen.get(one.file.languageId) ?? 0;
    seen.set(one.file.languageId, nth + 1);
    turn.set(one, nth);
  }
  return shuffled.sort((a, b) => turn.get(a)! - turn.get(b)!);
}

/** One place of a file, by chance; its name holds on any machine. */
function onePlace(places: readonly CalibrationPlace[], corpus: string): CalibrationPlace | undefined {
  const [first] = places;
  if (!first) return undefined;
  const name = nameIn(corpus, first.file);
  const place = places[Math.floor(chanceFor(`place of ${name}`)() * places.length)]!;
  return { ...place, id: `${name}:${place.before.length}` };
}

function nameIn(corpus: string, { path: file }: SourceFile): string {
  return path.relative(corpus, file).split(path.sep).join('/');
}

function sourcesOf(judged: readonly JudgedPlace[]): string {
  const packages = [...new Set(judged.map(({ group }) => group))].sort().map(spelled);
  return `${packages.length} published packages, one place a file: ${packages.join(', ')}.`;
}

/** `npm__@scope+name-1.2.3` as people write it. */
function spelled(folder: string): string {
  const [, name = folder, version = ''] = /^\w+?__(.+)-([^-]+)$/.exec(folder) ?? [];
  return `${name.replace('+', '/')} ${version}`.trim();
}
