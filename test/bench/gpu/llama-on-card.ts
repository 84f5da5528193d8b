/** llama.cpp on the same card, where a build of it for cards is installed. */
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { openLlamaLibrary } from '../../../models/evaluate/llama.js';
import type { BenchContext, Figures } from '../benchmark.js';
import { medianFigure } from '../statistics.js';

const sizes = { full: { prompt: 1000, rounds: 12, steps: 32 }, quick: { prompt: 32, rounds: 2, steps: 4 } };

/** Nothing, and the reason as a line, where llama.cpp would run on the CPU. */
export async function llamaOnCard(
  gguf: string,
  { files, budget, options, progress, seed }: BenchContext,
): Promise<Figures> {
  const library = await openLlamaLibrary({ gpu: (options.llama as 'vulkan' | 'cuda' | undefined) ?? 'auto' });
  const cards = library.gpu === false ? [] : await library.getGpuDeviceNames();
  if (cards.length === 0) {
    progress(
      'llama.cpp finds no card: install @node-llama-cpp/linux-x64-vulkan or -cuda of the same version with `npm install --no-save`.',
    );
    await library.dispose();
    return {};
  }
  progress(`llama.cpp: ${String(library.gpu)}, ${cards.join(', ')}.`);
  const { prompt, steps, ...size } = budget.quick ? sizes.quick : sizes.full;
  const rounds = options.rounds === undefined ? size.rounds : Number(options.rounds);
  const model = await library.loadModel({ modelPath: gguf, gpuLayers: 'max' });
  const context = await model.createContext({ contextSize: 2048, batchSize: 512 });
  const sequence = context.getSequence();
  const tokens = model
    .tokenize(files.map(({ text }) => text.slice(0, 20_000)).join('\n'), false)
    .slice(0, prompt);
  // In the first round kernels are built.
  await roundOf(sequence, tokens, 2);
  const promptMs: number[] = [];
  const tokenMs: number[] = [];
  for (let round = 0; round < rounds && (round === 0 || budget.left() > 0); round++) {
    const times = await roundOf(sequence, tokens, steps);
    promptMs.push((times.promptMs * 1000) / tokens.length);
    tokenMs.push(...times.tokenMs);
  }
  await library.dispose();
  return {
    'llamacpp_gpu.prompt_ms_1000': medianFigure(promptMs, 'ms', seed),
    'llamacpp_gpu.decode_ms': medianFigure(tokenMs, 'ms', seed),
  };
}

/** Milliseconds of a prompt, read from the start with its first answer, which waits for the card; and of each token after it. */
async function roundOf(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  steps: number,
): Promise<{ readonly promptMs: number; readonly tokenMs: readonly number[] }> {
  await sequence.clearHistory();
  const began = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, -1));
  let token = await next(sequence, tokens.at(-1)!);
  const promptMs = performance.now() - began;
  const tokenMs: number[] = [];
  for (let step = 0; step < steps; step++) {
    const asked = performance.now();
    token = await next(sequence, token);
    tokenMs.push(performance.now() - asked);
  }
  return { promptMs, tokenMs };
}

async function next(sequence: LlamaContextSequence, token: Token): Promise<Token> {
  const [result] = await sequence.controlledEvaluate([
    [token, { generateNext: { token: true, options: { temperature: 0 } } }],
  ]);
  return Number(result!.next.token) as Token;
}
