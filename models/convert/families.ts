/** Which decoders can be converted, and what a model of each must be made of. */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import { ConversionError, type TensorShape } from './model-source.js';
import { shown } from './shown.js';

export type Family = BundleArchitecture['family'];

export const FAMILIES = ['llama', 'qwen2', 'qwen3', 'starcoder2'] as const satisfies readonly Family[];

/** Longest sequences that a bundle is made for: prompts are shorter, and tables would only take room. */
export const LONGEST_CONTEXT = 16_384;

export function familyOf(name: string): Family {
  const family = FAMILIES.find((known) => known === name);
  if (family !== undefined) return family;
  throw new ConversionError(
    `Models of the architecture ${shown(name)} cannot be converted; those of ${FAMILIES.join(', ')} can (Llama, Mistral, CodeLlama, DeepSeek-Coder 1, Granite Code, SmolLM; Qwen2, Qwen2.5-Coder; Qwen3; StarCoder2).`,
  );
}

/** No model of ours comes near these; they keep a hostile file from claiming terabytes. */
const LIMITS = {
  layers: 512,
  hidden: 65_536,
  heads: 1024,
  keyValueHeads: 1024,
  headSize: 1024,
  feedForward: 524_288,
  vocabulary: 1_048_576,
  context: LONGEST_CONTEXT,
} as const;

/** @throws ConversionError when a number of the architecture is no use, or heads and widths do not fit together. */
export function checkArchitecture(architecture: BundleArchitecture): void {
  for (const [name, most] of Object.entries(LIMITS) as [keyof typeof LIMITS, number][]) {
    const value = architecture[name];
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new ConversionError(`The model claims ${value} for ${name}; 1 to ${most} can be converted.`);
  }
  const { heads, keyValueHeads, headSize, ropeBase, normEpsilon } = architecture;
  if (heads % keyValueHeads !== 0)
    throw new ConversionError(`${heads} attention heads cannot share ${keyValueHeads} key/value heads.`);
  if (headSize % 2 !== 0)
    throw new ConversionError(`Heads of ${headSize} values cannot be rotated in pairs.`);
  if (!(ropeBase > 0 && ropeBase < Infinity && normEpsilon > 0 && normEpsilon < 1))
    throw new ConversionError(
      `The model claims a rotary base of ${ropeBase} and a norm epsilon of ${normEpsilon}.`,
    );
}

/**
 * Checks that all tensors of the family are there, in the shapes that the architecture asks for, and none that the
 * graphs would leave out.
 * @throws ConversionError naming the first that is not as it should be.
 */
export function checkTensors(
  architecture: BundleArchitecture,
  tensors: ReadonlyMap<string, TensorShape>,
): void {
  const expected = expectedTensors(architecture);
  for (const [name, { rows, columns, optional }] of expected) {
    const found = tensors.get(name);
    if (found === undefined) {
      if (optional) continue;
      throw new ConversionError(`The model has no tensor ${name}.`);
    }
    if (found.rows !== rows || found.columns !== columns) {
      throw new ConversionError(
        `Tensor ${name} is ${found.rows} by ${found.columns}, where the model's own settings ask for ${rows} by ${columns}.`,
      );
    }
  }
  for (const name of tensors.keys()) {
    if (expected.has(name) || /^rope_freqs\.weight$|\.attn_rot_embd$|\.rotary_emb\.inv_freq$/.test(name))
      continue;
    throw new ConversionError(
      `The model has a tensor ${shown(name)}, which a ${architecture.family} model that can be converted does not have.`,
    );
  }
}

interface Expected {
  readonly rows: number;
  readonly columns: number;
  readonly optional?: boolean;
}

/**
 * By GGUF names. Biases of matrices may be there in any family, and must in Qwen2 for queries, keys and values; norms of
 * heads belong to Qwen3. StarCoder2 has biases everywhere, in its norms too, and no gate.
 */
function expectedTensors(architecture: BundleArchitecture): ReadonlyMap<string, Expected> {
  const { family, layers, hidden, heads, keyValueHeads, headSize, feedForward, vocabulary } = architecture;
  const width = heads * headSize;
  const isStarCoder = family === 'starcoder2';
  const shared = keyValueHeads * headSize;
  const all = new Map<string, Expected>([
    ['token_embd.weight', { rows: vocabulary, columns: hidden }],
    ['output.weight', { rows: vocabulary, columns: hidden, optional: true }],
  ]);
  const norm = (name: string): void => {
    all.set(`${name}.weight`, { rows: 1, columns: hidden });
    if (isStarCoder) all.set(`${name}.bias`, { rows: 1, columns: hidden });
  };
  norm('output_norm');
  const matrices = {
    attn_q: [width, hidden],
    attn_k: [shared, hidden],
    attn_v: [shared, hidden],
    attn_output: [hidden, width],
    ...(!isStarCoder && { ffn_gate: [feedForward, hidden] }),
    ffn_up: [feedForward, hidden],
    ffn_down: [hidden, feedForward],
  } as const;
  for (let layer = 0; layer < layers; layer++) {
    for (const [name, [rows, columns]] of Object.entries(matrices)) {
      all.set(`blk.${layer}.${name}.weight`, { rows, columns });
      const optional = !isStarCoder && !(family === 'qwen2' && /^attn_[qkv]$/.test(name));
      all.set(`blk.${layer}.${name}.bias`, { rows: 1, columns: rows, optional });
    }
    norm(`blk.${layer}.attn_norm`);
    norm(`blk.${layer}.ffn_norm`);
    if (family === 'qwen3') {
      for (const name of ['attn_q_norm', 'attn_k_norm'])
        all.set(`blk.${layer}.${name}.weight`, { rows: 1, columns: headSize });
    }
  }
  return all;
}
