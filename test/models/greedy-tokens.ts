/** What a bundle and llama.cpp write greedily behind prompts, token by token. */
import { never } from '../../language-server/inference/cancellation.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import type { OnnxModel } from '../../language-server/inference/onnx-model.js';
import type { Llama } from '../../models/evaluate/llama.js';
import { summary } from '../../models/evaluate/score-passage.js';
import { randomNumbers } from './random-tensors.js';

/** Prompts of random tokens, the same at each call. */
export function randomPrompts(count: number, length: number, vocabulary: number): number[][] {
  const random = randomNumbers(3);
  return Array.from({ length: count }, () =>
    Array.from({ length }, () => 2 + Math.floor(random() * (vocabulary - 2))),
  );
}

/** The tokens, and the logits that each was taken from. */
export async function ofBundle(
  model: OnnxModel,
  tokens: readonly number[],
  continuation: number,
): Promise<{ greedy: number[]; rows: Float32Array[] }> {
  using session = await model.open(tokens, never);
  const greedy: number[] = [];
  const rows: Float32Array[] = [];
  let branch = session.root;
  while (greedy.length < continuation) {
    const input = greedy.at(-1) ?? tokens.at(-1)!;
    const [step] = await session.forward([{ after: branch, input: [[input, 1]] }], fullDepth);
    if (step?.kind !== 'logits') throw new Error('The engine stopped although nothing told it to.');
    greedy.push(summary(step.logits).best);
    rows.push(step.logits.slice());
    ({ branch } = step);
  }
  return { greedy, rows };
}

export async function ofLlama(
  llama: Llama,
  tokens: readonly number[],
  continuation: number,
): Promise<number[]> {
  await llama.reset();
  const greedy = [await llama.next(tokens)];
  while (greedy.length < continuation) greedy.push(await llama.next(greedy.slice(-1)));
  return greedy;
}
