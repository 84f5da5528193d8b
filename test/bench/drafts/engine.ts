/** The model in this thread, asked for drafts in any way, and for drafts of one fixed length. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../../language-server/completion/engine.js';
import { anything } from '../../../language-server/constraints/constraint.js';
import { BackingUp } from '../../../language-server/decoding/aligned/backing-up.js';
import { Answers, askNobody } from '../../../language-server/decoding/answers.js';
import { decode } from '../../../language-server/decoding/decode.js';
import { noDoubt } from '../../../language-server/decoding/doubt/doubt.js';
import { wayOf } from '../../../language-server/decoding/drafting/ways.js';
import { grammarsOf } from '../../../language-server/decoding/grammars.js';
import { monitoring } from '../../../language-server/monitoring.js';
import { countNgrams } from '../../../language-server/decoding/ngrams/ngram-counts.js';
import { noTable, readNgramTable } from '../../../language-server/decoding/ngrams/ngram-table.js';
import { interpolated } from '../../../language-server/decoding/ngrams/interpolated.js';
import { write, type Writing } from '../../../language-server/decoding/write.js';
import type { WriteRequest } from '../../../language-server/decoding/write-request.js';
import { readBundle } from '../../../language-server/inference/bundle.js';
import { never } from '../../../language-server/inference/cancellation.js';
import { fullDepth } from '../../../language-server/inference/exit-policies.js';
import { loadOnnxModel } from '../../../language-server/inference/onnx-model.js';
import { modelOf } from '../../../language-server/open-engine.js';
import { encodePrompt } from '../../../language-server/tokens/encode-prompt.js';
import { readTokenizer } from '../../../language-server/tokens/tokenizer.js';

export interface DraftsEngine {
  readonly engine: Extract<Engine, { kind: 'ready' }>;
  /** Requests that have been written, the latest last. */
  readonly requests: WriteRequest[];
  /** Milliseconds to decode drafts of exactly so many tokens after the prompt of a request, which is in the cache. */
  readonly timeOf: (request: WriteRequest, length: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

export async function openDraftsEngine(root: string, folder: string, threads: number): Promise<DraftsEngine> {
  const bundle = await readBundle(folder);
  const model = await loadOnnxModel(bundle, { threads });
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
    engine: { kind: 'ready', writer, model: { ...modelOf(bundle), device: 'cpu' } },
    requests,
    timeOf: async (request, length) => {
      const prompt = encodePrompt(request.prompt, tokenizer)!;
      const texts = request.nearby.map((text) => tokenizer.encode(text));
      const next = () => interpolated([ngrams, countNgrams([prompt, ...texts], ngrams.orders)]);
      const trace = () => undefined;
      const { decodeMs } = await decode(
        {
          prompt,
          vocabulary: { ...tokenizer.vocabulary, endOfText: new Set() },
          constraint: anything,
          healed: '',
          after: '',
          leastClosing: 1,
          policy: fullDepth,
          doubt: noDoubt,
          width: request.drafts,
          ...wayOf(request, next),
          endingRule: () => [],
          maxTokens: length,
          isLate: () => false,
          answers: new Answers(askNobody, 0, trace),
          backingUp: new BackingUp({
            exponent: 0,
            seed: 0,
            chosenAbove: 0.5,
            mostRemoved: 1,
            mostTakenBack: 0,
          }),
          cancellation: never,
          trace,
          onStep: trace,
        },
        model,
      );
      return decodeMs;
    },
    close: () => model.release(),
  };
}
