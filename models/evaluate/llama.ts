/** llama.cpp on the same GGUF file: the yardstick for speed, ids and probabilities. */
import { getLlama, type Llama as Library, type LlamaOptions, type Token } from 'node-llama-cpp';

export interface Llama {
  /** Ids of ordinary text; markup in it is not special. */
  encode(text: string): number[];
  reset(): Promise<void>;
  /** Reads tokens without asking for logits. */
  read(tokens: readonly number[]): Promise<void>;
  /** Reads tokens and returns the likeliest next one. */
  next(tokens: readonly number[]): Promise<number>;
  /** Reads tokens and returns the logarithms of the probabilities of those at positions `from` (at least 1) and later. */
  logProbs(tokens: readonly number[], from: number): Promise<number[]>;
}

/**
 * The prebuilt library, on processors alone.
 * @throws Error with a sentence where there is none for this platform; nothing but comparisons needs it.
 */
export async function openLlamaLibrary(options: LlamaOptions = {}): Promise<Library> {
  try {
    return await getLlama({ gpu: false, build: 'never', ...options });
  } catch (cause) {
    const platform = `${process.platform}-${process.arch}`;
    throw new Error(
      `llama.cpp does not load on ${platform}: the comparison needs the optional package @node-llama-cpp/linux-x64, which \`npm ci\` installs on Linux with x64 processors only.`,
      { cause },
    );
  }
}

/**
 * `cache`: how keys and values are kept; llama.cpp itself rounds them to float16, and so does its flash attention,
 * whatever they are kept in: with F32 it is off.
 */
export async function loadLlama(file: string, threads = 2, cache: 'F16' | 'F32' = 'F16'): Promise<Llama> {
  const llama = await openLlamaLibrary({ logLevel: 'error' as never });
  const model = await llama.loadModel({ modelPath: file });
  const context = await model.createContext({
    contextSize: 1024,
    batchSize: 512,
    threads,
    experimentalKvCacheKeyType: cache,
    experimentalKvCacheValueType: cache,
    ...(cache === 'F32' && { flashAttention: false }),
  });
  const sequence = context.getSequence();
  return {
    encode: (text) => model.tokenize(text, false),
    reset: () => sequence.clearHistory(),
    read: (tokens) => sequence.evaluateWithoutGeneratingNewTokens([...tokens] as Token[]),
    next: async (tokens) => {
      const last = tokens.length - 1;
      const results = await sequence.controlledEvaluate(
        tokens.map((token, index) =>
          index === last
            ? [token as Token, { generateNext: { token: true, options: { temperature: 0 } } }]
            : (token as Token),
        ),
      );
      return Number(results[last]!.next.token);
    },
    logProbs: async (tokens, from) => {
      if (from > 1) await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, from - 1) as Token[]);
      // Temperature 1 and all tokens: the model's own distribution.
      const generateNext = { probabilities: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } };
      const inputs = tokens
        .slice(from - 1, -1)
        .map((token): [Token, object] => [token as Token, { generateNext }]);
      const results = await sequence.controlledEvaluate(inputs);
      return results.map((result, index) =>
        Math.log(result!.next.probabilities!.get(tokens[from + index]! as Token)!),
      );
    },
  };
}
