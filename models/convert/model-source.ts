/** What the converter needs of a model, wherever it comes from: a GGUF file, or random numbers for tests. */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';

export interface ModelSource {
  readonly name: string;
  readonly architecture: BundleArchitecture;
  readonly vocabulary: SourceVocabulary;
  readonly licence: string;
  readonly provenance: Readonly<Record<string, string>>;
  /** Layers after which it was trained to speak, as far as its file says. */
  readonly trainedExits?: readonly number[];
  /** How its rotary angles differ from the plain ones; absent: they do not. */
  readonly rotary?: RotaryScaling;
  /** Shape and storage type of a tensor by its GGUF name, such as `blk.0.attn_q.weight`; undefined if there is none. */
  shape(name: string): TensorShape | undefined;
  /**
   * Reads rows `first <= row < end` of a tensor; without them, all.
   * Rows of queries and keys come in the order in which a rotary pair lies half a head apart; of these, only whole
   * heads can be read.
   * @throws ConversionError when there is no such tensor, or the file ends inside it.
   */
  tensor(name: string, first?: number, end?: number): Promise<SourceTensor>;
}

/** Context extension as a model was trained or published with it: linear, YaRN or Llama 3's, all reduce to this. */
export interface RotaryScaling {
  /** What the frequency of each of the headSize / 2 pairs is divided by. */
  readonly divisors: readonly number[];
  /** What cosines and sines are multiplied by (YaRN's attention factor); else 1. */
  readonly magnitude: number;
}

export interface TensorShape {
  readonly rows: number;
  readonly columns: number;
  readonly type: TensorType;
}

/** A matrix as its file stores it, row-major; a vector has one row. */
export interface SourceTensor extends TensorShape {
  readonly bytes: Uint8Array;
}

/** The storage types that the converter reads. */
export const TENSOR_TYPES = [
  'F32',
  'F16',
  'BF16',
  'Q4_0',
  'Q4_1',
  'Q5_0',
  'Q5_1',
  'Q8_0',
  'Q4_K',
  'Q5_K',
  'Q6_K',
] as const;
export type TensorType = (typeof TENSOR_TYPES)[number];

/** Whether each value stands for itself; else blocks of values share a scale. */
export function isFloat(type: TensorType): type is 'F32' | 'F16' | 'BF16' {
  return type === 'F32' || type === 'F16' || type === 'BF16';
}

/** The alphabet of a model, and how text is cut into it. */
export type SourceVocabulary = SourceTokens & TokenizerKind;

export interface SourceTokens {
  /** Texts of the tokens as the file spells them; the index is the id. */
  readonly tokens: readonly string[];
  /** Ids of markup, which no text spells unless asked to. */
  readonly controlTokens: readonly number[];
  /** Ids after which a text is over. */
  readonly endOfText: readonly number[];
  /** The token that every text begins with, if there is one. */
  readonly begin?: number;
  /** Ids of the tokens ahead of the prefix, the suffix and the middle, where the file names them. */
  readonly fillInTheMiddle?: readonly [prefix: number, suffix: number, middle: number];
  /** Whether the file says that the model was trained to read the suffix first, as the recipe's are. */
  readonly suffixFirst?: boolean;
}

type TokenizerKind =
  /** Byte-level BPE as GGUF metadata spells it: bytes stand as GPT-2's printable characters. */
  | {
      readonly kind: 'byte-level';
      /** Merges in order of rank, two token texts with a space between. */
      readonly merges: readonly string[];
      /** How text is cut before merging, by llama.cpp's name. */
      readonly preTokenizer: string;
      /** Ids of tokens that are found in any text, whole, before it is cut. */
      readonly addedTokens?: readonly number[];
    }
  /** SentencePiece's BPE: spaces stand as U+2581, bytes without a token of their own as <0x00> to <0xFF>. */
  | { readonly kind: 'sentencepiece'; readonly scores: readonly number[] }
  /** A `tokenizer.json` that came with the model. */
  | { readonly kind: 'json'; readonly text: string };

/** A model that the converter refuses, by name of what it does not know. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
}
