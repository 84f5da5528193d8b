/** From GGUF metadata to an architecture, its rotary scaling and its licence. */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import { checkArchitecture, familyOf, LONGEST_CONTEXT } from './families.js';
import { shown } from './shown.js';
import { ConversionError, type RotaryScaling } from './model-source.js';
import { linear, yarn } from './rotary-scaling.js';

export type Metadata = Readonly<Record<string, unknown>>;

/** GGUF writes licences in lower case. */
const SPDX: Readonly<Record<string, string>> = {
  'apache-2.0': 'Apache-2.0',
  mit: 'MIT',
  'bigcode-openrail-m': 'LicenseRef-BigCode-OpenRAIL-M',
};

/** @throws ConversionError for a family or a setting that the graphs do not know. */
export function architectureOf(metadata: Metadata, vocabulary: number): BundleArchitecture {
  const family = familyOf(text(metadata, 'general.architecture') ?? '(none)');
  const own = (key: string): number | undefined => number(metadata, `${family}.${key}`);
  const needed = (key: string): number => {
    const value = own(key);
    if (value === undefined) throw new ConversionError(`The GGUF metadata have no usable ${family}.${key}.`);
    return value;
  };
  const hidden = needed('embedding_length');
  const heads = needed('attention.head_count');
  const headSize = own('attention.key_length') ?? hidden / heads;
  const turned = own('rope.dimension_count') ?? headSize;
  if (turned !== headSize || (own('attention.value_length') ?? headSize) !== headSize) {
    throw new ConversionError('The model rotates a part of each head only, which the graphs do not do.');
  }
  if ((own('expert_count') ?? 0) > 0)
    throw new ConversionError('The model is a mixture of experts, which the graphs do not do.');
  // Files of StarCoder2 do not say that it was trained to look back 4096 tokens (Lozhkov et al. 2024).
  const window = own('attention.sliding_window') ?? (family === 'starcoder2' ? 4096 : Infinity);
  const epsilon = family === 'starcoder2' ? 'layer_norm_epsilon' : 'layer_norm_rms_epsilon';
  const architecture: BundleArchitecture = {
    family,
    layers: needed('block_count'),
    hidden,
    heads,
    keyValueHeads: own('attention.head_count_kv') ?? heads,
    headSize,
    feedForward: needed('feed_forward_length'),
    vocabulary,
    context: Math.min(needed('context_length'), window > 0 ? window : Infinity, LONGEST_CONTEXT),
    ropeBase: own('rope.freq_base') ?? 10_000,
    // GGUF stores a float32; the shortest decimal that rounds to it is the number that was meant.
    normEpsilon: Number(needed(`attention.${epsilon}`).toPrecision(7)),
  };
  checkArchitecture(architecture);
  return architecture;
}

/** Scaling as the metadata say; `factors` is the tensor `rope_freqs.weight`, what Llama 3's scaling becomes in GGUF. */
export function rotaryOf(
  metadata: Metadata,
  architecture: BundleArchitecture,
  factors: Float32Array | undefined,
): RotaryScaling | undefined {
  const { family } = architecture;
  const own = (key: string): number | undefined => number(metadata, `${family}.rope.${key}`);
  const type = text(metadata, `${family}.rope.scaling.type`) ?? 'none';
  const factor = own('scaling.factor') ?? own('scale_linear') ?? 1;
  if (!(factor > 0 && factor < 1e6))
    throw new ConversionError(`The model claims a rotary scaling factor of ${factor}.`);
  if (factors !== undefined) {
    if (factors.length !== architecture.headSize / 2 || !factors.every((value) => value > 0))
      throw new ConversionError('The tensor rope_freqs.weight does not fit the heads.');
    return { divisors: [...factors], magnitude: 1 };
  }
  if (type === 'yarn') {
    const originalContext = own('scaling.original_context_length');
    if (originalContext === undefined || originalContext < 1)
      throw new ConversionError('The model scales by YaRN, but does not say from which context length.');
    return yarn(architecture, { factor, originalContext });
  }
  if (type !== 'none' && type !== 'linear') {
    throw new ConversionError(
      `The model scales rotary positions in the way ${shown(type)}; linear, yarn and llama3 can be converted.`,
    );
  }
  return factor === 1 ? undefined : linear(architecture, factor);
}

export function licenceOf(metadata: Metadata): string {
  const licence = text(metadata, 'general.license')?.slice(0, 100) ?? 'unknown';
  return SPDX[licence] ?? licence;
}

/** A text of the metadata, or undefined. */
export function text(metadata: Metadata, key: string): string | undefined {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A finite number of the metadata, or undefined. */
export function number(metadata: Metadata, key: string): number | undefined {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  const plain = typeof value === 'bigint' ? Number(value) : value;
  return typeof plain === 'number' && Number.isFinite(plain) ? plain : undefined;
}

export function numbers(metadata: Metadata, key: string): readonly number[] | undefined {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  return Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : undefined;
}

export function texts(metadata: Metadata, key: string): readonly string[] | undefined {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}
