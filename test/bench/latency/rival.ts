/** llama.cpp over the same weights, through node-llama-cpp: what our own engine is measured beside. */
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { openLlamaLibrary } from '../../../models/evaluate/llama.js';
import type { Contender } from './contender.js';

/** Longest text measured. */
const CONTEXT = 2_048;

/** @throws when the prebuilt llama.cpp does not load on this platform; the message names it. */
export async function loadRival(ggufFile: string, threads: number): Promise<Contender> {
  const llama = await openLlamaLibrary({ progressLogs: false, maxThreads: threads });
  const model = await llama.loadModel({ modelPath: ggufFile });
  const context = await model.createContext({ contextSize: CONTEXT, threads });
  const sequence = context.getSequence();
  return {
    async readPrompt(tokens) {
      await sequence.clearHistory();
      const start = performance.now();
      await sequence.evaluateWithoutGeneratingNewTokens(asTokens(tokens.slice(0, -1)));
      return performance.now() - start;
    },
    async continueFrom(last, count) {
      return steps(sequence, last, count);
    },
    async close() {
      await llama.dispose();
    },
  };
}

async function steps(
  sequence: LlamaContextSequence,
  last: number,
  count: number,
): Promise<{ readonly tokens: readonly number[]; readonly stepMs: readonly number[] }> {
  const tokens: number[] = [];
  const stepMs: number[] = [];
  let start = performance.now();
  for await (const token of sequence.evaluate(asTokens([last]), { temperature: 0 })) {
    stepMs.push(performance.now() - start);
    tokens.push(token);
    if (tokens.length === count) break;
    start = performance.now();
  }
  return { tokens, stepMs };
}

/** node-llama-cpp brands its token numbers; they are the same numbers as ours. */
function asTokens(tokens: readonly number[]): Token[] {
  return tokens as unknown as Token[];
}
