/** What the server's thread and the worker say to each other. Plain data. */
import type { Question } from '../constraints/constraint.js';
import type { Prompt } from '../tokens/prompt.js';
import type { ReadAhead, WriteOutcome, WriteRequest } from './write-request.js';

/** Given to the worker when it starts. */
export interface WorkerStart {
  readonly bundleDir: string;
  readonly grammarsDir: string;
  readonly threads: number;
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

/** What runs, for status and traces. */
export interface EngineDescription {
  /** The bundle's name. */
  readonly model: string;
  readonly device: string;
  readonly layers: number;
  readonly exits: readonly number[];
  readonly maxTokens: number;
}
