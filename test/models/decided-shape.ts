/**
 * Files in the true shape of Qwen2.5-Coder 0.5B whose networks are as decided as a trained one, and how a bundle and
 * llama.cpp continue prompts on them.
 */
import path from 'node:path';
import { readBundle } from '../../language-server/inference/bundle.js';
import { loadOnnxModel } from '../../language-server/inference/onnx-model.js';
import type { ModelSource } from '../../models/convert/model-source.js';
import { promptOf } from '../../models/convert/prompt-format.js';
import { writeBundle } from '../../models/convert/write-bundle.js';
import { leadOf } from '../../models/evaluate/decided.js';
import { loadLlama } from '../../models/evaluate/llama.js';
import { ofBundle, ofLlama, randomPrompts } from './greedy-tokens.js';
import { writeShapedGguf } from './shaped-gguf.js';

/** Tokens of a prompt, and greedy ones after it. */
const LENGTH = 40;
export const CONTINUATION = 4;

/**
 * The state begins with a standard deviation of 8, and the layers add 4.4, most of it attention's: what a token's own
 * row prefers weighs twice as much as what they say, and no third token is ever likelier than the two partners. Norms
 * add 0.9 to mean squares of 64 to 83. The last gain gives leads the size of those of the model that ships.
 */
export function writeDecidedGguf(file: string, mix: string): number {
  return writeShapedGguf(file, '0.5b', mix, 1, {
    embeddingSpread: 8,
    lastGain: -0.0065,
    attentionGain: 2,
    paired: true,
    metadata: { 'qwen2.attention.layer_norm_rms_epsilon': 0.9 },
  });
}

/** llama.cpp's tokens, with keys and values in float32 and one thread. */
export async function continuedByLlama(
  file: string,
  vocabulary: number,
  prompts: number,
): Promise<number[][]> {
  const llama = await loadLlama(file, 1, 'F32');
  const continued: number[][] = [];
  for (const tokens of randomPrompts(prompts, LENGTH, vocabulary))
    continued.push(await ofLlama(llama, tokens, CONTINUATION));
  return continued;
}

/** The bundle's tokens, as the model is added without options, and by how much each leads the second. */
export async function continuedByBundle(
  source: ModelSource,
  folder: string,
  prompts: number,
): Promise<{ continued: number[][]; leads: number[] }> {
  const { layers, vocabulary } = source.architecture;
  const bundle = path.join(folder, 'bundle');
  await writeBundle(source, bundle, {
    weights: 'kept',
    exits: [1, layers],
    prompt: promptOf(source.vocabulary),
  });
  const model = await loadOnnxModel(await readBundle(bundle), { threads: 1 });
  const continued: number[][] = [];
  const leads: number[] = [];
  for (const tokens of randomPrompts(prompts, LENGTH, vocabulary)) {
    const { greedy, rows } = await ofBundle(model, tokens, CONTINUATION);
    continued.push(greedy);
    leads.push(...rows.map(leadOf));
  }
  await model.release();
  return { continued, leads };
}

/** In how many prompts all tokens are equal, and the tokens up to the first that is not, over all prompts. */
export function equalTokens(
  ours: readonly (readonly number[])[],
  theirs: readonly (readonly number[])[],
): { prompts: number; tokens: number } {
  const equal = ours.map((tokens, prompt) => {
    const parted = tokens.findIndex((token, at) => token !== theirs[prompt]![at]);
    return parted < 0 ? tokens.length : parted;
  });
  return {
    prompts: equal.filter((count, prompt) => count === ours[prompt]!.length).length,
    tokens: equal.reduce((sum, count) => sum + count, 0),
  };
}
