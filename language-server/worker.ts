/**
 * The worker thread: the model, the grammars and the whole decode loop. Its composition root.
 *
 * Only requests, questions, answers and drafts cross to the server's thread; cancellation is a shared flag.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Question } from './constraints/constraint.js';
import { noTable, readNgramTable, type NgramTable } from './decoding/ngrams/ngram-table.js';
import { readStopModel, type StopModel } from './decoding/doubt/stop-model.js';
import { grammarsOf, type Grammars } from './decoding/grammars.js';
import type { FromWorker, ToWorker, WorkerStart } from './decoding/worker-messages.js';
import { readAhead } from './decoding/read-ahead.js';
import { write } from './decoding/write.js';
import type { ReadAhead } from './decoding/write-request.js';
import { BundleError, readBundle } from './inference/bundle.js';
import { SharedCancellation } from './inference/cancellation.js';
import { DeviceFailure, EngineFailure, NativeLibraryFailure } from './inference/engine-failure.js';
import { SLOWER } from './inference/devices/choose-device.js';
import { explainFailure } from './inference/devices/explain-failure.js';
import { ModelKeeper } from './inference/model-keeper.js';
import { loadOnnxModel } from './inference/onnx-model.js';
import { monitoring } from './monitoring.js';
import { readTokenizer, remembering } from './tokens/tokenizer.js';
import type { Tokenizer } from './tokens/vocabulary.js';
import { readWebGraph } from './web-graphs.js';

interface Loaded {
  /** Says that the model can be asked, and why it runs where it does. */
  readonly ready: (why: string) => void;
  readonly keeper: ModelKeeper;
  readonly tokenizer: Tokenizer;
  readonly grammars: Grammars;
  readonly ngrams: NgramTable;
  readonly stopModel: StopModel | string | undefined;
}

const port = parentPort;
if (!port) throw new Error('worker.ts runs as a worker thread only.');
const start = workerData as WorkerStart;
const cancellation = new SharedCancellation(start.cancellation);
const say = (message: FromWorker): void => {
  port.postMessage(message);
};

/** Why the model runs where it does. */
let { why } = start.chosen;

const unanswered = new Map<number, (answer: unknown) => void>();
let questions = 0;

function ask(id: number, question: Question): Promise<unknown> {
  const number = ++questions;
  say({ kind: 'question', id, number, question });
  return new Promise((resolve) => unanswered.set(number, resolve));
}

async function load(): Promise<Loaded> {
  const progress = (what: string, fraction: number): void => {
    say({ kind: 'loading', what, fraction });
  };
  progress('bundle', 0);
  const bundle = await readBundle(start.bundleDir, { verify: true });
  const file = join(bundle.folder, bundle.tokenizer.file);
  const tokenizer = remembering(readTokenizer(await readFile(file, 'utf8'), bundle.tokenizer.endOfText));
  const ngrams = bundle.ngrams ? await readTable(join(bundle.folder, bundle.ngrams.file)) : noTable;
  const stopModel =
    bundle.stop && readStopModel(await readFile(join(bundle.folder, bundle.stop.file), 'utf8'));
  progress('model', 0.1);
  let isFirst = true;
  const keeper = new ModelKeeper(start.chosen.plan, {
    restMs: start.restMs,
    load: (plan) =>
      loadOnnxModel(bundle, {
        ...plan,
        threads: start.threads,
        readWebGraph,
        onProgress: (fraction) => {
          if (isFirst) progress('model', 0.1 + 0.9 * fraction);
        },
      }),
    onFallback: (failure) => {
      why = whyTakenOver(failure);
    },
    onChange: (state) => {
      if (state === 'resting')
        ready('Nobody asked for a while, so the model was unloaded; it is loaded when needed.');
      else if (!isFirst) ready(why);
    },
  });
  const ready = (reason: string): void => {
    say({ kind: 'ready', engine: { model: bundle.name, device: keeper.device, why: reason, ...shape } });
  };
  const shape = await keeper.use(({ layers, exits, maxTokens }) =>
    Promise.resolve({ layers, exits, maxTokens }),
  );
  isFirst = false;
  ready(why);
  return { keeper, ready, tokenizer, grammars: grammarsOf(start.grammarsDir), ngrams, stopModel };
}

function whyTakenOver(failure: DeviceFailure | NativeLibraryFailure): string {
  if (failure instanceof NativeLibraryFailure) return `${failure.message} ${SLOWER}`;
  const { problem, remedy } = explainFailure(failure.device, failure.why);
  return `${problem} The CPU has taken over. ${remedy}`;
}

async function readTable(file: string): Promise<NgramTable> {
  try {
    return readNgramTable(await readFile(file), file);
  } catch (error) {
    throw new BundleError(
      `${error instanceof Error ? error.message : String(error)} Choose another bundle folder.`,
    );
  }
}

async function answer(message: Extract<ToWorker, { kind: 'write' }>, loaded: Loaded): Promise<void> {
  const { id, request, progress } = message;
  let said = '';
  try {
    const outcome = await loaded.keeper.use((model) =>
      write(request, {
        ...loaded,
        model,
        ask: (question) => ask(id, question),
        monitoring,
        cancellation: cancellation.of(id),
        onProgress(text) {
          if (progress && text !== said) say({ kind: 'progress', id, text });
          said = text;
        },
      }),
    );
    say({ kind: 'outcome', id, outcome });
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    say({ kind: 'failed', id, message: error.message });
  } finally {
    unanswered.clear();
  }
}

/** A prompt that is cancelled half-way stays in the cache as far as it was read. */
async function read({ id, prompt }: Extract<ToWorker, { kind: 'read' }>, loaded: Loaded): Promise<void> {
  let reading: ReadAhead | undefined;
  try {
    reading = await loaded.keeper.use((model) =>
      readAhead(prompt, { ...loaded, model }, cancellation.of(id)),
    );
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    // The request that comes next fails likewise, and says so.
  }
  say({ kind: 'read', id, reading });
}

/** Where the model cannot run as wished, it goes on as it did, and the status says why. */
async function move({ chosen }: Extract<ToWorker, { kind: 'move' }>, loaded: Loaded): Promise<void> {
  why = chosen.why;
  if (chosen.plan.device === loaded.keeper.device) {
    loaded.ready(why);
    return;
  }
  try {
    await loaded.keeper.move(chosen.plan);
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    if (error instanceof NativeLibraryFailure) why = whyTakenOver(error);
    else if (error instanceof DeviceFailure) {
      const { problem, remedy } = explainFailure(error.device, error.why);
      why = `${problem} ${remedy}`;
    } else why = error.message;
    loaded.ready(why);
  }
}

const loading = load().catch((error: unknown) => {
  if (!(error instanceof EngineFailure) && !(error instanceof BundleError)) throw error;
  say({ kind: 'broken', message: error.message });
  return undefined;
});

/** One request after the other: the model has one cache. */
let queue: Promise<void> = Promise.resolve();

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'write':
      queue = queue.then(async () => {
        const loaded = await loading;
        if (loaded) await answer(message, loaded);
      });
      return;
    case 'read':
      queue = queue.then(async () => {
        const loaded = await loading;
        if (loaded) await read(message, loaded);
      });
      return;
    case 'move':
      queue = queue.then(async () => {
        const loaded = await loading;
        if (loaded) await move(message, loaded);
      });
      return;
    case 'answer':
      unanswered.get(message.question)?.(message.answer);
      unanswered.delete(message.question);
      return;
    case 'dispose':
      queue = queue.then(async () => {
        await (await loading)?.keeper.release();
        port.close();
      });
  }
});
