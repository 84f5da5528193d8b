/** The model in this thread, asked for drafts in any way, and for drafts of one fixed length. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../../language-server/completion/engine.js';
import { askNobody } from '../../../language-server/decoding/answers.js';
import { grammarsOf } from '../../../language-server/decoding/grammars.js';
import { monitoring } from '../../../language-server/monitoring.js';
import { noTable, readNgramTable } from '../../../language-server/decoding/ngrams/ngram-table.js';
import { write, type Writing } from '../../../language-server/decoding/write.js';
import type { WriteRequest } from '../../../language-server/decoding/write-request.js';
import { readBundle } from '../../../language-server/inference/bundle.js';
import { never } from '../../../language-server/inference/cancellation.js';
import type { ModelPlan } from '../../../language-server/inference/devices/device.js';
import { loadOnnxModel } from '../../../language-server/inference/onnx-model.js';
import { modelOf } from '../../../language-server/open-engine.js';
import { readTokenizer } from '../../../language-server/tokens/tokenizer.js';
import { readWebGraph } from '../../../models/convert/web-graph.js';
import { timesOfExactly, type Times } from '../exactly-so-many.js';

export interface DraftsEngine {
  readonly engine: Extract<Engine, { kind: 'ready' }>;
  /** Requests that have been written, the latest last. */
  readonly requests: WriteRequest[];
  /** Times for drafts of exactly so many tokens after the prompt of a request, which is in the cache. */
  readonly timesOf: (request: WriteRequest, length: number) => Promise<Times>;
  readonly close: () => Promise<void>;
}

export async function openDraftsEngine(
  root: string,
  folder: string,
  plan: ModelPlan,
  threads: number,
): Promise<DraftsEngine> {
  const bundle = await readBundle(folder);
  const model = await loadOnnxModel(bundle, { ...plan, threads, readWebGraph });
  const read = (file: string) => readFile(path.join(bundle.folder, file));
  const tokenizer = readTokenizer((await read(bundle.tokenizer.file)).toString(), bundle.tokenizer.endOfText);
  const ngrams = bundle.ngrams ? readNgramTable(await read(bundle.ngrams.file), bundle.ngrams.file) : noTable;
  const writing: Writing = {
    model,
    tokenizer,
    grammars: grammarsOf(path.join(root, 'dist/grammars')),
    ngrams,
    ask: askNobody,
    monitoring,
    cancellation: never,
    onProgress: () => undefined,
  };
  const requests: WriteRequest[] = [];
  const writer = {
    write: (request: WriteRequest) => {
      requests.push(request);
      return write(request, writing);
    },
    readAhead: () => undefined,
  };
  return {
    engine: { kind: 'ready', writer, model: { ...modelOf(bundle), device: plan.device } },
    requests,
    timesOf: (request, length) => timesOfExactly(length, request, writing),
    close: () => model.release(),
  };
}
