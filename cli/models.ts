/** `candor models …`: the user's own models, listed, added, corrected and removed. */
import path from 'node:path';
import { addModel, type AddedModel } from '../models/manage/add-model.js';
import {
  listModels,
  modelsFolder,
  removeModel,
  resolveModel,
  SHIPPED,
  unfinishedModels,
} from '../models/manage/model-store.js';
import {
  describeModel,
  describePrompt,
  floatsText,
  lossText,
  megabytes,
} from '../models/manage/describe-model.js';
import { keepSpeed, measureSpeed, readSpeeds } from '../models/manage/measure-speed.js';
import { setFillInTheMiddle } from '../models/manage/set-prompt.js';
import { timeLeft } from '../models/manage/time-left.js';
import type { Print } from './complete.js';
import { shippedBundle } from './completer.js';
import type { ModelsCommand } from './models-arguments.js';
import { showProgress } from './progress.js';

/** `root` is the checkout or the installed extension. */
export async function runModels(
  command: Exclude<ModelsCommand, { kind: 'models-calibrate' }>,
  root: string,
  print: Print,
): Promise<void> {
  const store = modelsFolder(process.env);
  const shipped = path.join(root, shippedBundle);
  switch (command.kind) {
    case 'models-list':
      return list(store, shipped, command, print);
    case 'models-remove':
      await removeModel(command.name, store);
      print(`${command.name} is removed.\n`);
      return;
    case 'models-prompt': {
      const folder = await resolveModel(command.name, store, shipped);
      const bundle = await setFillInTheMiddle(folder, command.fillInTheMiddle);
      print(`${bundle.name}: ${describePrompt(bundle.prompt)}\n`);
      return;
    }
    case 'models-add':
      return add(command, store, print);
  }
}

async function list(
  store: string,
  shipped: string,
  { json, measure }: Extract<ModelsCommand, { kind: 'models-list' }>,
  print: Print,
): Promise<void> {
  const stored = await listModels(store, shipped);
  if (measure) {
    for (const { folder, bundle } of stored)
      if (typeof bundle !== 'string') await keepSpeed(store, folder, await measureSpeed(folder));
  }
  const speeds = await readSpeeds(store);
  const models = stored.map((model) => describeModel(model, speeds));
  const unfinished = await unfinishedModels(store);
  if (json) {
    print(`${JSON.stringify({ models, unfinished }, null, 2)}\n`);
    return;
  }
  for (const model of models) {
    print(`${model.name}${model.name === SHIPPED ? ' (ships with Candor)' : ''}\n`);
    print(`  ${model.problem ?? `${model.title}: ${model.details}`}\n`);
  }
  for (const name of unfinished)
    print(`${name}\n  unfinished: add it again to go on, or \`candor models remove ${name}\`\n`);
  print(`Your own models lie in ${store}.\n`);
}

async function add(
  { from, options }: Extract<ModelsCommand, { kind: 'models-add' }>,
  store: string,
  print: Print,
): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const progress = showProgress(process.stderr);
  let left = timeLeft();
  let phase = false;
  try {
    const added = await addModel({
      ...options,
      from,
      store,
      signal: stop.signal,
      onProgress: (share, what) => {
        if (phase !== (what === 'download')) left = timeLeft();
        phase = what === 'download';
        const doing = phase ? 'Fetching' : 'Converting';
        progress.say(`${doing}: ${Math.floor(100 * share)} %, ${left(share)} (${what})`);
      },
    });
    progress.say(`Measuring how fast ${added.name} is here`);
    await keepSpeed(store, added.folder, await measureSpeed(added.folder));
    progress.done();
    print(options.json ? `${JSON.stringify(summary(added), null, 2)}\n` : text(added, options.weights));
  } finally {
    progress.done();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function summary({ name, folder, bundle, report }: AddedModel): object {
  const { exactTensors, requantisedTensors, loss } = report;
  return { name, folder, prompt: bundle.prompt, exactTensors, requantisedTensors, loss };
}

function text({ name, folder, bundle, report }: AddedModel, asked: string | undefined): string {
  const bytes = bundle.files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    `${name}: ${bundle.name}, ${megabytes(bytes)}, in ${folder}`,
    lossText(report) + floatsText(bundle, asked),
    describePrompt(bundle.prompt),
    `Its exits are untrained: early exit stays off until \`candor models calibrate ${name} FOLDER\` finds it worth while.`,
    `Try it: candor complete FILE:LINE:COLUMN --bundle ${name}`,
    '',
  ].join('\n');
}
