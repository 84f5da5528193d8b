/** The product's pipeline in this thread, over a model that can be made to note what its exits would say. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ReadyEngine } from '../../../language-server/completion/ask-model.js';
import { askNobody } from '../../../language-server/decoding/answers.js';
import { readStopModel } from '../../../language-server/decoding/doubt/stop-model.js';
import { grammarsOf } from '../../../language-server/decoding/grammars.js';
import { noTable } from '../../../language-server/decoding/ngrams/ngram-table.js';
import { write, type Writing } from '../../../language-server/decoding/write.js';
import type { WriteRequest } from '../../../language-server/decoding/write-request.js';
import type { Bundle } from '../../../language-server/inference/bundle.js';
import { never } from '../../../language-server/inference/cancellation.js';
import { policyFor, type ExitChoice } from '../../../language-server/inference/exit-policies.js';
import { loadOnnxModel } from '../../../language-server/inference/onnx-model.js';
import { monitoring } from '../../../language-server/monitoring.js';
import { modelOf } from '../../../language-server/open-engine.js';
import { readTokenizer } from '../../../language-server/tokens/tokenizer.js';
import type { Tokenizer } from '../../../language-server/tokens/vocabulary.js';
import { timesOfExactly } from '../exactly-so-many.js';
import type { Spent } from '../spent.js';
import { Recorder, recording } from './recording.js';

export interface ExitsEngine {
  readonly engine: ReadyEngine;
  readonly recorder: Recorder;
  readonly tokenizer: Tokenizer;
  /** For decoding exactly `length` tokens after the prompt of a request, which is in the cache. */
  readonly timeOf: (length: number, request: WriteRequest, exits?: ExitChoice) => Promise<Spent>;
  readonly close: () => Promise<void>;
}

/** @throws Error when the policy, or the bundle's stop model, cannot be used: figures of something else would mislead. */
export async function openExitsEngine(
  root: string,
  bundle: Bundle,
  choice: ExitChoice,
  threads: number,
): Promise<ExitsEngine> {
  const model = await loadOnnxModel(bundle, { threads });
  const { instead } = policyFor(choice, model);
  if (instead !== undefined) throw new Error(instead);
  const read = async (file: string): Promise<string> => readFile(path.join(bundle.folder, file), 'utf8');
  const tokenizer = readTokenizer(await read(bundle.tokenizer.file), bundle.tokenizer.endOfText);
  const stopModel = bundle.stop && readStopModel(await read(bundle.stop.file));
  if (typeof stopModel !== 'object') throw new Error(stopModel ?? 'The bundle has no stop model.');
  const recorder = new Recorder();
  const writing: Writing = {
    model: recording(model, recorder),
    tokenizer,
    grammars: grammarsOf(path.join(root, 'dist/grammars')),
    ngrams: noTable,
    stopModel,
    ask: askNobody,
    monitoring,
    cancellation: never,
    onProgress: () => undefined,
  };
  const writer = { write: (request: WriteRequest) => write(request, writing) };
  return {
    engine: { kind: 'ready', writer, model: { ...modelOf(bundle), device: 'cpu' } },
    recorder,
    tokenizer,
    timeOf: async (length, request, exits = { rule: 'full' }) => {
      const { policy } = policyFor(exits, model);
      const writing = { model, tokenizer, ngrams: noTable };
      const { ranking, cpu } = await timesOfExactly(length, request, writing, policy);
      return { ms: ranking, cpuMs: cpu };
    },
    close: () => model.release(),
  };
}
