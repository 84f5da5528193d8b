/** What the server needs of the analysis servers behind monitors, and what they need of it. */
import type { AnswerQuestion } from '../decoding/worker-writer.js';
import type { Program } from '../decoding/write-request.js';
import type { Document } from './document.js';

/** All are asked anew for each question. */
export interface AnalysisNeeds {
  /** Absolute folders of the workspace. */
  readonly folders: () => readonly string[];
  readonly trusted: () => boolean;
  /** Language id to command: the user's own servers. */
  readonly commands: () => Readonly<Record<string, readonly string[]>>;
  /** The open documents, as they stand. */
  readonly documents: () => readonly Document[];
  /** Hears that a server has become unavailable, or available again. */
  readonly changed: () => void;
}

/** Owner of all analysis servers. */
export interface Analysis {
  readonly answer: AnswerQuestion;
  /** Has a document's server started and its project read. Resolves with a sentence when that cannot be. */
  warm(document: Document): Promise<string | undefined>;
  /**
   * Somebody types here: what is sure to be asked at this place is asked now, so that it is known when it is needed.
   * What was asked ahead before is given up.
   */
  ahead(program: Program & { readonly uri: string }): void;
  /** A document has changed to this: what was asked ahead about a text that is gone is given up. */
  changed(document: Document): void;
  /** Files on the disk have changed; `type` is LSP's `FileChangeType`. */
  filesChanged(changes: readonly { readonly uri: string; readonly type: number }[]): void;
  /** Why monitors are not to be had, in sentences. */
  problems(): readonly string[];
  /** Ends all servers; they start again when they are asked. */
  stop(): Promise<void>;
}

export type OpenAnalysis = (needs: AnalysisNeeds) => Analysis;

/** Nobody is there to ask. */
export const noAnalysis: Analysis = {
  answer: () => Promise.resolve(undefined),
  warm: () => Promise.resolve(undefined),
  ahead: () => undefined,
  changed: () => undefined,
  filesChanged: () => undefined,
  problems: () => [],
  stop: () => Promise.resolve(),
};
