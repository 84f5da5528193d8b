/** `candor fit-stop FOLDER`: learns on code when the model's drafts are right, and adds that to its bundle. */
import path from 'node:path';
import { fitStop, heldOutOrder, observeDrafts } from '../language-server/completion/fit-stop.js';
import { grammarsFrom } from '../language-server/completion/grammar-for.js';
import { usualPlaces } from '../language-server/completion/calibrate-folder.js';
import { addToBundle } from '../models/exits/add-to-bundle.js';
import type { Options } from './arguments.js';
import type { Print } from './complete.js';
import { settingsOf, type LoadedEngine } from './completer.js';

const FILE = 'stop.json';

export async function runFitStop(
  root: string,
  folder: string,
  { engine, bundle: { folder: bundle } }: LoadedEngine,
  options: Options,
  print: Print,
  progress: (line: string) => void,
): Promise<void> {
  const places = options.places ?? usualPlaces;
  const moments = await observeDrafts(
    path.resolve(folder),
    engine,
    settingsOf(options),
    places,
    grammarsFrom(path.join(root, 'dist/grammars')),
    new AbortController().signal,
    (asked) => {
      progress(`Place ${asked} of ${places}`);
    },
  );
  if (moments.length === 0) {
    print(`Nothing was suggested in ${folder}: there is nothing to learn from.\n`);
    return;
  }
  const model = fitStop(moments, places);
  const order = heldOutOrder(moments);
  print(`${model.tokens} tokens at ${places} places; up to ${percent(model.right)} of them all was right.\n`);
  if (order !== undefined)
    print(`On files held out, a right text is the surer one ${percent(order)} of the time.\n`);
  await addToBundle(bundle, FILE, `${JSON.stringify(model, null, 2)}\n`, (old, file) => ({
    ...old,
    stop: { file },
  }));
  print(`Kept in ${bundle}.\n`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
