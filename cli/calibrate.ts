/** `candor calibrate FOLDER`: how sure suggestions must be on a person's own files, for promises that can be kept. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  calibrateFolder,
  usualEpsilons,
  usualPlaces,
} from '../language-server/completion/calibrate-folder.js';
import { reportText } from '../language-server/completion/calibration-run.js';
import { calibrationHome, usualStore } from '../language-server/completion/hole-promises.js';
import { grammarsFrom } from '../language-server/completion/grammar-for.js';
import type { Options } from './arguments.js';
import type { Print } from './complete.js';
import { settingsOf, type LoadedEngine } from './completer.js';
import { usualHoles } from './holes.js';
import { WrongArguments } from './wrong-arguments.js';

/** @throws WrongArguments when it is not a folder. */
export async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new WrongArguments(`${folder} is not a folder.`);
}

/** Goes on where an earlier run of the same calibration stopped, and says what was found. */
export async function runCalibration(
  root: string,
  folder: string,
  { engine }: LoadedEngine,
  options: Options,
  print: Print,
  progress: (line: string) => void,
): Promise<void> {
  const holes = options.maxHoles ?? usualHoles;
  const places = options.places ?? usualPlaces;
  const outcome = await calibrateFolder(
    {
      folder: path.resolve(folder),
      home: calibrationHome(folder, usualStore(process.env)),
      engine,
      settings: settingsOf(options),
      holes,
      epsilons: options.holes === undefined ? usualEpsilons : [options.holes],
      places,
      languageOf: grammarsFrom(path.join(root, 'dist/grammars')),
    },
    new AbortController().signal,
    (place, file) => {
      progress(`Place ${place} of at most ${places}; stopped, it goes on here: ${file}`);
    },
  );
  const { reports, file } = outcome;
  if (reports.length === 0) {
    print(`There is no file in ${folder} that a calibration could use. Nothing is promised.\n`);
    return;
  }
  for (const report of reports) print(`${reportText(report)}\n`);
  print(
    `Suggestions of one line with at most ${holes} holes, ${outcome.places} places of ${folder}. The promise is for\n`,
  );
  print(
    'places like these, one of each function; places of one file are alike, and future code may be unlike both.\n',
  );
  if (file !== undefined) print(`Kept in ${file}.\n`);
}
