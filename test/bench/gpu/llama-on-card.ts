/** llama.cpp on the same card, where a build of it for cards is installed. */
import type { Token } from 'node-llama-cpp';
import { openLlamaLibrary } from '../../../models/evaluate/llama.js';
import type { BenchContext, Figures } from '../benchmark.js';
import { medianFigure } from '../statistics.js';

const sizes = { full: { prompt: 1000, steps: 100 }, quick: { prompt: 32, steps: 4 } };

/** Nothing, and the reason as a line, where llama.cpp would run on the CPU. */
export async function llamaOnCard(
  gguf: string,
  { files, budget, progress, seed }: BenchContext,
): Promise<Figures> {
  const library = await openLlamaLibrary({ gpu: 'auto' });
  const cards = library.gpu === false ? [] : await library.getGpuDeviceNames();
  if (cards.length === 0) {
    progress(
      'llama.cpp finds no card: install @node-llama-cpp/linux-x64-vulkan or -cuda of the same version with `npm install --no-save`.',
    );
    await library.dispose();
    return {};
  }
  progress(`llama.cpp: ${String(library.gpu)}, ${cards.join(', ')}.`);
  const { prompt, steps } = budget.quick ? sizes.quick : sizes.full;
  const model = await library.loadModel({ modelPath: gguf, gpuLayers: 'max' });
  const context = await model.createContext({ contextSize: 2048, batchSize: 512 });
  const sequence = context.getSequence();
  const tokens = model
    .tokenize(files.map(({ text }) => text.slice(0, 20_000)).join('\n'), false)
    .slice(0, prompt);
  await sequence.evaluateWithoutGeneratingNewTokens(tokens);
  const times: number[] = [];
  for (let token = tokens.at(-1)!; times.length < steps;) {
    const began = performance.now();
    const [result] = await sequence.controlledEvaluate([
      [token, { generateNext: { token: true, options: { temperature: 0 } } }],
    ]);
    token = Number(result!.next.token) as Token;
    times.push(performance.now() - began);
  }
  await library.dispose();
  return { 'llamacpp_gpu.decode_ms': medianFigure(times, 'ms', seed) };
}
