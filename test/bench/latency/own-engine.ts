/** Our own engine in the race: the model of the product, without the worker and the pipeline around it. */
import { readBundle } from '../../../language-server/inference/bundle.js';
import { never } from '../../../language-server/inference/cancellation.js';
import { fullDepth } from '../../../language-server/inference/exit-policies.js';
import type { Session } from '../../../language-server/inference/model.js';
import { loadOnnxModel } from '../../../language-server/inference/onnx-model.js';
import { speculating } from '../../../language-server/inference/speculation/speculative-model.js';
import type { Contender } from './contender.js';

export async function loadOwnEngine(bundleFolder: string, threads: number): Promise<Contender> {
  const bundle = await readBundle(bundleFolder);
  const model = await loadOnnxModel(bundle, { threads });
  const ends = new Set(bundle.tokenizer.endOfText);
  const ahead = speculating(model);
  let session: Session | undefined;
  let prompt: readonly number[] = [];
  const write = async (from: Session, last: number, count: number) => {
    const tokens: number[] = [];
    const stepMs: number[] = [];
    let after = from.root;
    let input = last;
    while (tokens.length < count) {
      const start = performance.now();
      const [forward] = await from.forward([{ after, input: [[input, 1]] }], fullDepth);
      if (forward?.kind !== 'logits') throw new Error('Full depth speaks.');
      input = likeliest(forward.logits);
      stepMs.push(performance.now() - start);
      tokens.push(input);
      after = forward.branch;
      if (ends.has(input)) break;
    }
    return { tokens, stepMs };
  };
  return {
    async readPrompt(tokens) {
      session?.[Symbol.dispose]();
      // A prompt with another first token shares no prefix, so nothing is left to reuse.
      const other = tokens[0] === 1 ? 2 : 1;
      (await model.open([other, 1], never))[Symbol.dispose]();
      const start = performance.now();
      session = await model.open(tokens, never);
      prompt = tokens;
      const took = performance.now() - start;
      if (session.reading.reusedTokens > 0) throw new Error('The prompt was not read from nothing.');
      return took;
    },
    async continueFrom(last, count) {
      if (!session) throw new Error('Read a prompt first.');
      return write(session, last, count);
    },
    async continueAhead(count) {
      session?.[Symbol.dispose]();
      session = await ahead.open(prompt, never);
      const start = performance.now();
      const { tokens } = await write(session, prompt.at(-1)!, count);
      return (performance.now() - start) / tokens.length;
    },
    async close() {
      session?.[Symbol.dispose]();
      await model.release();
    },
  };
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token;
  return best;
}
