/** What the server's thread and the worker say to each other. Plain data. */
import type { Question } from '../constraints/constraint.js';
import type { ModelPlan } from '../inference/devices/device.js';
import type { Prompt } from '../tokens/prompt.js';
import type { ReadAhead, WriteOutcome, WriteRequest } from './write-request.js';

/** Given to the worker when it starts. */
export interface WorkerStart {
  readonly bundleDir: string;
  readonly grammarsDir: string;
  readonly threads: number;
  /** How the model is run at first. */
  readonly chosen: ChosenPlan;
  /** Milliseconds without a request after which the model is unloaded; 0: never. */
  readonly restMs: number;
  /** Memory of a `SharedCancellation`: requests up to the number in it are cancelled. */
  readonly cancellation: SharedArrayBuffer;
}

export type ToWorker =
  | {
      readonly kind: 'write';
      readonly id: number;
      readonly request: WriteRequest;
      readonly progress: boolean;
    }
  /** Read a prompt into the cache, and write nothing. */
  | { readonly kind: 'read'; readonly id: number; readonly prompt: Prompt }
  /** The answer to a question of the worker; undefined when nobody knows. */
  | { readonly kind: 'answer'; readonly question: number; readonly answer: unknown }
  /** Run the model another way from the next request on. */
  | { readonly kind: 'move'; readonly chosen: ChosenPlan }
  /** Free everything and end. */
  | { readonly kind: 'dispose' };

export type FromWorker =
  | { readonly kind: 'loading'; readonly what: string; readonly fraction: number }
  | { readonly kind: 'ready'; readonly engine: EngineDescription }
  /** Loading failed for a reason that starting again would not change. */
  | { readonly kind: 'broken'; readonly message: string }
  | { readonly kind: 'progress'; readonly id: number; readonly text: string }
  | { readonly kind: 'question'; readonly id: number; readonly number: number; readonly question: Question }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: WriteOutcome }
  | { readonly kind: 'read'; readonly id: number; readonly reading: ReadAhead | undefined }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** How the model is run, and why so: a sentence for the user. */
export interface ChosenPlan {
  readonly plan: ModelPlan;
  readonly why: string;
}

/** What runs, for status and traces. */
export interface EngineDescription {
  /** The bundle's name. */
  readonly model: string;
  readonly device: string;
  /** Why it runs there: a sentence or two. */
  readonly why: string;
  readonly layers: number;
  readonly exits: readonly number[];
  readonly maxTokens: number;
}
