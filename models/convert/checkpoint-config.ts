/** From a checkpoint's `config.json` to an architecture and its rotary scaling. */
import { z } from 'zod';
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import { checkArchitecture, familyOf, LONGEST_CONTEXT } from './families.js';
import { shown } from './shown.js';
import { ConversionError, type RotaryScaling } from './model-source.js';
import { linear, llama3, yarn } from './rotary-scaling.js';

const positive = z.number().positive();
const ids = z.union([z.number(), z.array(z.number())]).nullish();
const rotary = z
  .object({
    rope_type: z.string().optional(),
    type: z.string().optional(),
    rope_theta: positive.optional(),
    factor: positive.optional(),
    original_max_position_embeddings: positive.optional(),
    low_freq_factor: positive.optional(),
    high_freq_factor: positive.optional(),
    beta_fast: positive.optional(),
    beta_slow: positive.optional(),
    attention_factor: positive.nullish(),
  })
  .nullish();

const schema = z.object({
  model_type: z.string(),
  hidden_size: z.number(),
  intermediate_size: z.number(),
  num_hidden_layers: z.number(),
  num_attention_heads: z.number(),
  num_key_value_heads: z.number().nullish(),
  head_dim: z.number().nullish(),
  vocab_size: z.number(),
  max_position_embeddings: z.number(),
  rms_norm_eps: z.number().optional(),
  /** What StarCoder2 calls it. */
  norm_epsilon: z.number().optional(),
  rope_theta: z.number().optional(),
  rope_scaling: rotary,
  /** Where newer files put both. */
  rope_parameters: rotary,
  hidden_act: z.string().default('silu'),
  tie_word_embeddings: z.boolean().default(false),
  sliding_window: z.number().nullish(),
  use_sliding_window: z.boolean().default(true),
  quantization_config: z.unknown().optional(),
  bos_token_id: ids,
  eos_token_id: ids,
  trained_exits: z.array(z.number()).optional(),
});
export type CheckpointConfig = z.infer<typeof schema>;

/** Published under names of their own, and the same decoder. */
const SAME_AS: ReadonlyMap<string, string> = new Map([['mistral', 'llama']]);

/** @throws ConversionError naming what is missing or not understood. */
export function readConfig(text: string): CheckpointConfig {
  const result = schema.safeParse(parsedJson(text, 'config.json'));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new ConversionError(`config.json: ${issue.path.join('.') || 'the whole'}: ${issue.message}.`);
}

export function architectureOfConfig(config: CheckpointConfig): BundleArchitecture {
  const family = familyOf(SAME_AS.get(config.model_type) ?? config.model_type);
  const activation = family === 'starcoder2' ? 'gelu_pytorch_tanh' : 'silu';
  if (config.hidden_act !== activation) {
    throw new ConversionError(
      `The model's activation is ${shown(config.hidden_act)}; of a ${family} model only ${activation} can be converted.`,
    );
  }
  const normEpsilon = family === 'starcoder2' ? config.norm_epsilon : config.rms_norm_eps;
  if (normEpsilon === undefined)
    throw new ConversionError('config.json: it does not say the epsilon of the norms.');
  if (config.quantization_config !== undefined && config.quantization_config !== null) {
    throw new ConversionError(
      'The checkpoint is quantised (quantization_config); convert the original, or a GGUF file of it.',
    );
  }
  const window = config.use_sliding_window ? (config.sliding_window ?? Infinity) : Infinity;
  const architecture: BundleArchitecture = {
    family,
    layers: config.num_hidden_layers,
    hidden: config.hidden_size,
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads ?? config.num_attention_heads,
    headSize: config.head_dim ?? config.hidden_size / config.num_attention_heads,
    feedForward: config.intermediate_size,
    vocabulary: config.vocab_size,
    context: Math.min(config.max_position_embeddings, window, LONGEST_CONTEXT),
    ropeBase: config.rope_parameters?.rope_theta ?? config.rope_theta ?? 10_000,
    normEpsilon,
  };
  checkArchitecture(architecture);
  return architecture;
}

export function rotaryOfConfig(
  config: CheckpointConfig,
  architecture: BundleArchitecture,
): RotaryScaling | undefined {
  const scaling = config.rope_parameters ?? config.rope_scaling;
  const type = scaling?.rope_type ?? scaling?.type ?? 'default';
  if (!scaling || type === 'default') return undefined;
  const factor = scaling.factor ?? 1;
  const originalContext = scaling.original_max_position_embeddings ?? config.max_position_embeddings;
  switch (type) {
    case 'linear':
      return linear(architecture, factor);
    case 'yarn':
      return yarn(architecture, {
        factor,
        originalContext,
        ...(scaling.beta_fast !== undefined && { fastTurns: scaling.beta_fast }),
        ...(scaling.beta_slow !== undefined && { slowTurns: scaling.beta_slow }),
        ...(scaling.attention_factor && { magnitude: scaling.attention_factor }),
      });
    case 'llama3': {
      const lowFactor = scaling.low_freq_factor ?? 1;
      return llama3(architecture, {
        factor,
        lowFactor,
        highFactor: scaling.high_freq_factor ?? 4,
        originalContext,
      });
    }
    default:
      throw new ConversionError(
        `The model scales rotary positions in the way ${shown(type)}; linear, yarn and llama3 can be converted.`,
      );
  }
}

/** Deeper than any settings; whoever walks through what is much deeper runs out of stack. */
const MOST_LEVELS = 64;

/** @throws ConversionError when the text is not JSON, or too deep; `file` is for the message. */
export function parsedJson(text: string, file: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConversionError(`${file} is not JSON; it may be cut off.`, { cause: error });
  }
  if (isDeeper(value, MOST_LEVELS))
    throw new ConversionError(
      `${file} has lists within lists, more than ${MOST_LEVELS} deep; it is damaged.`,
    );
  return value;
}

function isDeeper(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= most; depth++) {
    level = level.flatMap((one): unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
