/** The thread that keeps the user's models for the language server: lists, converts, corrects and removes them. */
import { parentPort } from 'node:worker_threads';
import type { FromModels, ModelAdded, ModelList, ToModels } from '../../language-server/protocol.js';
import { calibrateExits } from '../exits/calibrate-exits.js';
import { addModel } from './add-model.js';
import { describeModel, describePrompt, floatsText, lossText } from './describe-model.js';
import { keepSpeed, measureSpeed, readSpeeds } from './measure-speed.js';
import {
  listModels,
  modelsFolder,
  ownModel,
  removeModel,
  unfinishedModels,
  type StoredModel,
} from './model-store.js';
import { setFillInTheMiddle } from './set-prompt.js';
import { timeLeft } from './time-left.js';

const port = parentPort;
if (!port) throw new Error('models/manage/main.ts runs as a worker thread only.');
const store = modelsFolder(process.env);
const say = (message: FromModels): void => {
  port.postMessage(message);
};
const running = new Map<number, AbortController>();

port.on('message', (message: ToModels) => {
  if (message.kind === 'cancel') running.get(message.id)?.abort();
  else void answer(message);
});

async function answer(message: Exclude<ToModels, { kind: 'cancel' }>): Promise<void> {
  const { id } = message;
  const stop = new AbortController();
  running.set(id, stop);
  try {
    say({ id, kind: 'done', result: await resultOf(message, stop.signal) });
  } catch (error) {
    say({ id, kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  } finally {
    running.delete(id);
  }
}

async function resultOf(
  message: Exclude<ToModels, { kind: 'cancel' }>,
  signal: AbortSignal,
): Promise<unknown> {
  switch (message.kind) {
    case 'list':
      return list(message.shipped);
    case 'add':
      return add(message, signal);
    case 'remove':
      return removeModel(message.name, store);
    case 'fill-in': {
      const { prompt } = await setFillInTheMiddle(message.folder, message.tokens);
      return describePrompt(prompt);
    }
    case 'calibrate-exits': {
      const { id, name, files } = message;
      const left = timeLeft();
      const onProgress = (share: number): void => {
        say({ id, kind: 'progress', share, text: `${Math.floor(100 * share)} %, ${left(share)}` });
      };
      return calibrateExits({ bundle: await ownModel(name, store), files, onProgress, signal });
    }
  }
}

async function list(shipped: string): Promise<ModelList> {
  const stored = await listModels(store, shipped);
  await measureShipped(stored);
  const speeds = await readSpeeds(store);
  const models = stored.map((model) => describeModel(model, speeds));
  return { models, unfinished: await unfinishedModels(store) };
}

/** The user's own models are measured when they are added; the one that ships when it is first listed beside them. */
async function measureShipped(stored: readonly StoredModel[]): Promise<void> {
  const folder = stored.find(({ isShipped, bundle }) => isShipped && typeof bundle !== 'string')?.folder;
  if (folder === undefined || (await readSpeeds(store))[folder] !== undefined) return;
  try {
    await keepSpeed(store, folder, await measureSpeed(folder));
  } catch {
    // Where it does not run, or nothing can be kept, the list still says all else; the status item says why.
  }
}

async function add(
  { id, from, mirror, proxy }: Extract<ToModels, { kind: 'add' }>,
  signal: AbortSignal,
): Promise<ModelAdded> {
  let left = timeLeft();
  let phase = '';
  const { name, folder, bundle, report } = await addModel({
    from,
    store,
    signal,
    ...(mirror !== undefined && { mirror }),
    ...(proxy !== undefined && { proxy }),
    onProgress: (share, what) => {
      const doing = what === 'download' ? 'fetching' : 'converting';
      if (doing !== phase) left = timeLeft();
      phase = doing;
      say({ id, kind: 'progress', share, text: `${doing}, ${Math.floor(100 * share)} %, ${left(share)}` });
    },
  });
  say({ id, kind: 'progress', share: 1, text: 'measuring how fast it is here' });
  await keepSpeed(store, folder, await measureSpeed(folder));
  const fill = bundle.prompt.fillInTheMiddle;
  return {
    name,
    folder,
    summary: `${lossText(report)}${floatsText(bundle)} It ${describePrompt(bundle.prompt)}.`,
    fillInTheMiddle: fill && [fill.prefix, fill.suffix, fill.middle],
  };
}
