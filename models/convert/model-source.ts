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
  /**
   * Reads one tensor by its GGUF name, such as `blk.0.attn_q.weight`.
   * Rows of queries and keys come in the order in which a rotary pair lies half a head apart.
   */
  tensor(name: string): Promise<SourceTensor>;
}

/** A matrix as its file stores it, row-major; a vector has one row. */
export interface SourceTensor {
  readonly rows: number;
  readonly columns: number;
  readonly type: TensorType;
  readonly bytes: Uint8Array;
}

/** The storage types that the converter reads. */
export type TensorType = 'F32' | 'F16' | 'Q4_0' | 'Q4_1' | 'Q8_0';

/** A byte-level BPE vocabulary as GGUF metadata spells it: bytes stand as GPT-2's printable characters. */
export interface SourceVocabulary {
  /** Texts of the tokens; the index is the id. */
  readonly tokens: readonly string[];
  /** Merges in order of rank, two token texts with a space between. */
  readonly merges: readonly string[];
  /** Ids of control tokens, which no text spells unless asked to. */
  readonly controlTokens: readonly number[];
  /** How text is cut before merging, by llama.cpp's name. */
  readonly preTokenizer: string;
  /** Ids after which a text is over. */
  readonly endOfText: readonly number[];
}

/** A model that the converter refuses, by name of what it does not know. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
}
