/** What the pipeline needs to know of the engine: whether it is there, who writes, and how a prompt must look. */
import type { Writer } from '../decoding/write-request.js';

export type Engine =
  | { readonly kind: 'loading'; readonly what: string; readonly fraction: number }
  | { readonly kind: 'ready'; readonly writer: Writer; readonly model: ModelDescription }
  | { readonly kind: 'unavailable'; readonly problem: string; readonly remedy: string };

export interface ModelDescription {
  readonly name: string;
  /** Names the model by its contents. */
  readonly identity: string;
  /** The calibration that came with the model, if one did: what holes may promise. */
  readonly calibration?: ShippedFile;
  readonly device: string;
  /** Layers of the network, where they are known. */
  readonly layers?: number;
  /** Why it runs there, for the user. */
  readonly why?: string;
  readonly prompt: PromptFormat;
}

/** A file of the bundle, as bundle.json describes it. */
export interface ShippedFile {
  /** Absolute. */
  readonly path: string;
  readonly sha256: string;
}

/** How a bundle wants its prompts: the `prompt` of bundle.json. Special tokens are written by their text. */
export interface PromptFormat {
  /** The token that every text begins with, if the model was trained so. */
  readonly begin?: string | undefined;
  /** Tokens around the text before, after and at the cursor; null when the model can only continue. */
  readonly fillInTheMiddle: {
    readonly prefix: string;
    readonly suffix: string;
    readonly middle: string;
    /** Which text stands first; by default the one after the cursor. */
    readonly order?: 'suffix-first' | 'prefix-first' | undefined;
  } | null;
  /** What stands around a file's path ahead of its text; empty on both sides: a comment of the language. */
  readonly path: Marker;
  /** What stands around the path of a snippet ahead of its text; empty on both sides: comments of the language. */
  readonly snippet: Marker;
}

export interface Marker {
  readonly before: string;
  readonly after: string;
}
