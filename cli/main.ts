#!/usr/bin/env node
/** The command line: reads what was asked for, loads the model once, answers, and turns failures into exit codes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, usage, type Command, type Options } from './arguments.js';
import { checkFolder, runCalibration } from './calibrate.js';
import { runExitCalibration } from './calibrate-exits.js';
import { completeLines, completeOne, openPlace } from './complete.js';
import { loadCompleter, loadEngine, type PlaceCompleter, shippedBundle } from './completer.js';
import { openDemo, runDemo } from './demo.js';
import { runModels } from './models.js';
import { runDevices } from './devices.js';
import { runFitStop } from './fit-stop.js';
import { showProgress } from './progress.js';
import { WrongArguments } from './wrong-arguments.js';

/** The checkout or the installed extension: this file runs as `dist/cli.mjs`. */
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const print = (text: string): void => void process.stdout.write(text);

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case 'help':
      print(usage);
      return;
    case 'version':
      print(`${version()}\n`);
      return;
    case 'complete': {
      const place = await openPlace(command.place, command.options);
      await withCompleter(command.options, (completer) =>
        completeOne(place, completer, command.options, print),
      );
      return;
    }
    case 'complete-stdin':
      await withCompleter(command.options, (completer) =>
        completeLines(process.stdin, completer, command.options, print),
      );
      return;
    case 'devices': {
      const progress = showProgress(process.stderr);
      await runDevices(root, shippedBundle, command.options, print, progress.say).finally(progress.done);
      return;
    }
    case 'calibrate':
    case 'fit-stop':
      await checkFolder(command.folder);
      await learnFrom(
        command.folder,
        command.options,
        command.kind === 'calibrate' ? runCalibration : runFitStop,
      );
      return;
    case 'models-calibrate': {
      await checkFolder(command.folder);
      const progress = showProgress(process.stderr);
      await runExitCalibration(command, print, progress.say).finally(progress.done);
      await learnFrom(command.folder, command.options, runCalibration);
      return;
    }
    case 'models-list':
    case 'models-add':
    case 'models-remove':
    case 'models-prompt':
      await runModels(command, root, print);
      return;
    case 'demo': {
      // One suggestion each, as while typing, unless more are asked for.
      const options = { drafts: 1, ...command.options };
      const places = await openDemo(root, command.place, options);
      await withCompleter(options, (completer) => runDemo(places, completer, options, print));
      return;
    }
  }
}

async function learnFrom(folder: string, options: Options, learn: typeof runCalibration): Promise<void> {
  const progress = showProgress(process.stderr);
  const loaded = await loadEngine(root, options, progress.say).finally(progress.done);
  try {
    await learn(root, folder, loaded, options, print, progress.say);
  } finally {
    progress.done();
    await loaded.close();
  }
}

async function withCompleter(
  options: Options,
  use: (completer: PlaceCompleter) => Promise<void>,
): Promise<void> {
  const progress = showProgress(process.stderr);
  const completer = await loadCompleter(root, options, progress.say).finally(progress.done);
  try {
    await use(completer);
  } finally {
    await completer.close();
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

// A reader that has seen enough, as `head` has, ends the program quietly.
process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
  if (problem.code !== 'EPIPE') throw problem;
  process.exit(0);
});

try {
  await run(readArguments(process.argv.slice(2)));
} catch (problem) {
  const isWrong = problem instanceof WrongArguments;
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  if (isWrong) process.stderr.write('`candor --help` lists what there is.\n');
  process.exitCode = isWrong ? 2 : 1;
}
