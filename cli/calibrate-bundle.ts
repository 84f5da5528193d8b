/**
 * Makes the `calibration.json` of a bundle, by the very pipeline on packages that nothing was chosen by, and lists it
 * in bundle.json. Wanted again whenever model, settings or pipeline have changed:
 *
 *     npm run calibrate-bundle -- --minutes 30
 */
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { calibrateBundle } from '../language-server/completion/calibrate-bundle.js';
import { usualEpsilons } from '../language-server/completion/calibrate-folder.js';
import { reportText } from '../language-server/completion/calibration-run.js';
import { grammarsFrom } from '../language-server/completion/grammar-for.js';
import { calibrationName } from '../language-server/completion/hole-promises.js';
import { pipelineOf } from '../language-server/completion/pipeline-identity.js';
import { defaultSettings } from '../language-server/default-settings.js';
import { parseBundle } from '../language-server/inference/bundle.js';
import type { Options } from './arguments.js';
import { loadEngine } from './completer.js';
import { probe } from './pipeline-probes.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    bundle: { type: 'string', default: path.join(root, 'models/smollm2-135m') },
    corpus: { type: 'string', default: path.join(root, '.cache/recipe/calibration') },
    minutes: { type: 'string', default: '60' },
    places: { type: 'string', default: '300' },
    threads: { type: 'string' },
  },
});

const options: Options = {
  ...{ json: false, automatic: false, device: 'cpu', speculation: true, syntax: true, bundle: values.bundle },
  ...(values.threads !== undefined && { threads: Number(values.threads) }),
};
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const { engine, bundle, close } = await loadEngine(root, options, () => undefined);
try {
  const probes = await probe(engine, defaultSettings);
  const end = performance.now() + Number(values.minutes) * 60_000;
  const digest = createHash('sha256').update(JSON.stringify(probes)).digest('hex').slice(0, 12);
  // Places are kept for as long as the pipeline says the same.
  const name = `bundle-places-${pipelineOf(defaultSettings)}-${digest}.jsonl`;
  const { file, reports } = await calibrateBundle(
    {
      corpus: path.resolve(values.corpus),
      unfinished: path.join(root, '.cache/calibration', name),
      engine,
      settings: defaultSettings,
      holes: [1, 2, 3],
      epsilons: usualEpsilons,
      places: Number(values.places),
      probes,
      languageOf: grammarsFrom(path.join(root, 'dist/grammars')),
    },
    () => end < performance.now(),
    (places, where) => {
      say(`place ${places}: ${where}`);
    },
  );
  for (const report of reports) console.log(`at most ${report.holes} holes, ${reportText(report)}`);
  if (file.promises.length === 0)
    throw new Error('These places are too few for any promise: nothing was written.');
  await keep(bundle.folder, `${JSON.stringify(file, null, 2)}\n`);
} finally {
  await close();
}

/** Lists the file in bundle.json first: a crash between the two leaves a calibration that is known to be damaged. */
async function keep(folder: string, text: string): Promise<void> {
  const described = path.join(folder, 'bundle.json');
  const old = await readFile(described, 'utf8');
  parseBundle(old, described);
  const bytes = Buffer.from(text);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const calibration = { file: calibrationName, bytes: bytes.length, sha256 };
  const description = JSON.parse(old) as object;
  await replace(described, `${JSON.stringify({ ...description, calibration }, null, 2)}\n`);
  await replace(path.join(folder, calibrationName), text);
  say(`Kept in ${path.join(folder, calibrationName)}.`);
}

async function replace(file: string, contents: string): Promise<void> {
  await writeFile(`${file}.new`, contents);
  await rename(`${file}.new`, file);
}
