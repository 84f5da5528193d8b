/** The JSON that `candor complete --json` prints: a form that scripts rely on, documented in docs/cli.md. */
import type { Cost, TraceEntry } from '../language-server/decoding/write-request.js';
import type { Ending } from '../language-server/decoding/draft.js';
import type { SilenceReason } from '../language-server/protocol.js';

export interface CompleteJson {
  readonly items: readonly JsonItem[];
  readonly silence: { readonly reason: SilenceReason; readonly detail: string } | null;
  readonly cost: Cost;
  /** Refused tokens with by whom, questions asked, probability removed. */
  readonly trace: readonly TraceEntry[];
  /** Name of the model bundle. */
  readonly bundle: string;
  readonly device: string;
}

export interface JsonItem {
  readonly text: string;
  /** The same with holes, in the snippet syntax of editors. */
  readonly snippet?: string;
  readonly range: { readonly start: JsonPosition; readonly end: JsonPosition };
  /** Sum of natural logarithms under the unconstrained model. */
  readonly logProb: number;
  /** All tokens of the draft: `text` may be shorter, since it is fitted to its place. */
  readonly tokens: readonly {
    readonly text: string;
    readonly logProb: number;
    readonly exit: number;
    /** With `--stop`: the chance that the text up to here is what the author would write. */
    readonly sure?: number;
  }[];
  readonly ending: Ending;
}

/** Both count from 1, columns in UTF-16 units. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

/** What `--stdin` prints for a line that cannot be answered. */
export interface ErrorJson {
  readonly error: string;
}
