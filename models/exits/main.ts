/** The command `node --import tsx models/exits/main.ts BUNDLE --corpus FOLDER --judge FOLDER`: fits a controller, or takes one. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readBundle } from '../../language-server/inference/bundle.js';
import { loadOnnxModel } from '../../language-server/inference/onnx-model.js';
import { readTokenizer } from '../../language-server/tokens/tokenizer.js';
import { addToBundle } from './add-to-bundle.js';
import { fitController, type Label } from './fit-controller.js';
import { readFittedHeads, type FittedHeads } from './fitted-heads.js';
import { judgeController, type Judged } from './judge-controller.js';
import { observe, sourcesIn, type Observed } from './observe-corpus.js';

const USAGE = `Usage: node --import tsx models/exits/main.ts BUNDLE (--corpus FOLDER | --heads FOLDER) --judge FOLDER [options]
  --corpus FOLDER     packages to learn from, one a folder
  --heads FOLDER      takes what models/recipe/train/exit_controller has fitted, and learns nothing
  --judge FOLDER      other packages, to see what has been learnt
  --label LABEL       right | agreement: what leaving early is learnt as (default: agreement)
  --positions N       positions to learn from (default: 8000)
  --judged N          positions to judge on (default: 3000)
  --exit-at P         from which chance on a token leaves early by default; without it none does
  --threads N         default: 1
  --dry               judge only, and leave the bundle as it is`;

const FILE = 'controller.bin';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      corpus: { type: 'string' },
      heads: { type: 'string' },
      judge: { type: 'string' },
      label: { type: 'string', default: 'agreement' },
      positions: { type: 'string', default: '8000' },
      judged: { type: 'string', default: '3000' },
      'exit-at': { type: 'string' },
      threads: { type: 'string', default: '1' },
      dry: { type: 'boolean', default: false },
    },
  });
  const [folder] = positionals;
  const { label, corpus, heads, judge } = values;
  const isOne = (corpus === undefined) !== (heads === undefined);
  if (folder === undefined || !isOne || judge === undefined || !isLabel(label)) {
    console.error(USAGE);
    return 2;
  }
  const bundle = await readBundle(folder);
  const labels: readonly Label[] = label === 'right' ? ['right', 'agreement'] : ['agreement', 'right'];
  const taken =
    heads === undefined
      ? undefined
      : await Promise.all(labels.map((one) => readFittedHeads(heads, one, bundle)));
  const model = await loadOnnxModel(bundle, { threads: Number(values.threads) });
  const file = path.join(folder, bundle.tokenizer.file);
  const tokenizer = readTokenizer(await readFile(file, 'utf8'), bundle.tokenizer.endOfText);
  const seen = async (from: string, most: number) =>
    observe(await sourcesIn(from), model, tokenizer, bundle.architecture.hidden, most, (count) => {
      console.error(`${path.basename(from)}: ${count} of ${most} positions`);
    });
  const learnt = corpus === undefined ? undefined : await seen(corpus, Number(values.positions));
  const judging = await seen(judge, Number(values.judged));
  await model.release();
  for (const [index, variant] of labels.entries()) {
    const fitted = learnt ? fittedTo(learnt, variant) : taken![index]!;
    print(variant, judgeController(judging, fitted.heads));
    if (variant !== label || values.dry) continue;
    const exitAt = values['exit-at'] === undefined ? null : Number(values['exit-at']);
    const { exits, positions } = fitted;
    const description = { file: FILE, exits: [...exits], label, positions, exitAt };
    await addToBundle(folder, FILE, new Uint8Array(fitted.heads.buffer), (old, file) => ({
      ...old,
      controller: { ...description, file },
    }));
  }
  return 0;
}

function fittedTo(learnt: Observed, label: Label): FittedHeads {
  return { heads: fitController(learnt, label), exits: learnt.exits, positions: learnt.truth.length };
}

function isLabel(text: string): text is Label {
  return text === 'right' || text === 'agreement';
}

function print(label: Label, { positions, hopeless, exits, exitAt, stopAt }: Judged): void {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  console.log(`label ${label}, judged on ${positions} positions; no depth is right at ${percent(hopeless)}`);
  for (const { exit, agreement, right } of exits) {
    console.log(`  exit ${exit}: as full depth ${percent(agreement)}, right ${percent(right)}`);
  }
  for (const one of exitAt) {
    console.log(
      `  leaving at ${one.at}: ${percent(one.early)} early, ${one.layers.toFixed(2)} layers, as full depth ` +
        `${percent(one.agreement)} (of the early ones ${percent(one.agreementWhenEarly)}), right ${percent(one.right)}`,
    );
  }
  for (const one of stopAt) {
    console.log(
      `  stopping at ${one.at}: ${percent(one.stopped)} stopped, of them ${percent(one.wrongWhenStopped)} wrong at ` +
        `full depth; ${percent(one.caught)} of the wrong ones caught`,
    );
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
