/** What crosses from the server to the worker that writes drafts, and back. Plain data only. */
import type { DraftingName } from '../protocol.js';
import type { ExitChoice } from '../inference/exit-policies.js';
import type { Speculated } from '../inference/model.js';
import type { Prompt } from '../tokens/prompt.js';
import type { StopWish } from './doubt/doubt.js';
import type { DraftToken, Ending } from './draft.js';

export interface WriteRequest {
  readonly prompt: Prompt;
  /** Whether the prompt tells the model what follows the cursor, as those are told that were trained to fill in. */
  readonly fillsIn: boolean;
  /** The text around the cursor that constraints and endings look at. `before` ends at the cursor. */
  readonly program: Program;
  /** How much to write. `by-syntax`: the worker looks at the syntax around the cursor. */
  readonly shape: 'line' | 'statement' | 'by-syntax';
  /** Most drafts to return, likeliest first. */
  readonly drafts: number;
  readonly maxTokens: number;
  /** Milliseconds of decoding after which a draft ends with what it has; undefined: no limit. */
  readonly budgetMs?: number;
  /** How several drafts are written side by side. */
  readonly drafting: DraftingName;
  /** Code of the workspace that tells superposed drafts which words go together; may be empty. */
  readonly nearby: readonly string[];
  /** Only for several drafts: drawn by chance where the way of writing leaves the choice. */
  readonly sampling?: { readonly temperature: number; readonly seed: number };
  /** No token goes deeper than this layer, one of the bundle's exits; left out: none is capped. */
  readonly exit?: number;
  /** When tokens may leave the network early; left out: never. */
  readonly exits?: ExitChoice;
  /** When to stop on uncertainty; left out: never. */
  readonly stop?: StopWish;
  /** Whether a single draft's tokens are guessed ahead, and read in one batch with the one before (inference/speculation). */
  readonly speculation?: boolean;
  /** Whether finished drafts are judged once more by how well the text after the cursor follows them. */
  readonly rescore?: boolean;
  /** Which constraints hold. */
  readonly syntax: boolean;
  /** How readily drafts go back from dead ends: the exponent of approximately aligned decoding; 0: only by one token. */
  readonly backUp: number;
  /**
   * The probability that a draft of which nothing may stand as it is has to be closed by, with what follows the cursor:
   * less, and nothing is offered.
   */
  readonly leastClosing: number;
  /**
   * When analysis servers are asked: never; about finished drafts, which are written anew where they bring errors; or
   * about every name while it is written.
   */
  readonly monitors: MonitorPolicy;
  /** Whether places inside comments and strings are worth writing in. */
  readonly inComments: boolean;
  readonly inStrings: boolean;
}

export type MonitorPolicy = 'off' | 'check' | 'always';

export interface Program {
  /** Of the document; analysis servers can be asked about a document that has one. */
  readonly uri?: string;
  readonly languageId: string;
  readonly before: string;
  readonly after: string;
}

/** A finished draft as data: what `Draft` becomes once it leaves the worker. */
export interface Written {
  readonly text: string;
  readonly tokens: readonly DraftToken[];
  readonly logProb: number;
  /** Probability that constraints took from the choices, summed over the tokens; left out where none was. */
  readonly removed?: number;
  /** Log-probability of the text after the cursor after the draft; only where it was judged by that. */
  readonly following?: number;
  readonly ending: Ending;
  /** With how many of its lines it would join with what follows the cursor too; left out where nobody judged that. */
  readonly joins?: readonly number[];
  /** Only of one among several: the grammar would have to repair it where it stands. */
  readonly broken?: true;
}

export interface WriteOutcome {
  readonly drafts: readonly Written[];
  /** Present when nothing is offered. */
  readonly silence?: WriteSilence;
  readonly cost: Cost;
  readonly trace: readonly TraceEntry[];
}

/** Why the worker wrote nothing. `detail` is a sentence for the user. */
export interface WriteSilence {
  readonly reason:
    | 'cancelled'
    | 'in-comment'
    | 'in-string'
    | 'ended-at-once'
    | 'dead-end'
    | 'repeats'
    | 'unsure'
    | 'no-time'
    | 'unfinished'
    | 'prompt-too-long';
  readonly detail: string;
}

export interface Cost {
  readonly promptTokens: number;
  readonly reusedTokens: number;
  /** Runs of the network. */
  readonly steps: number;
  /** Tokens that were guessed to follow and read ahead, and those of them that did; left out where none were. */
  readonly speculated?: Speculated;
  /** Tokens that drafts wrote and took back again; left out where there were none. */
  readonly takenBack?: number;
  readonly promptMs: number;
  readonly decodeMs: number;
  readonly totalMs: number;
  /** Of that, what the syntax constraint took: reading the text before the cursor, and all checks. Where it held. */
  readonly constraintMs?: number;
  /** Of that, waiting for what analysis servers were asked. Where any was waited for. */
  readonly waitedMs?: number;
  /** Of the writing, reading drafts again that had shared the network's work, to know how likely each is. Where it was done. */
  readonly readAgain?: ReadingCost;
  /** Of the writing, judging drafts by the text after the cursor. Where it was done. */
  readonly rescored?: ReadingCost;
}

/** What one more reading of finished drafts cost. */
export interface ReadingCost {
  /** Tokens that the network read for it. */
  readonly tokens: number;
  readonly ms: number;
}

/** One thing worth knowing about how a draft came to be. */
export type TraceEntry =
  | {
      readonly kind: 'refused';
      readonly at: number;
      readonly token: string;
      readonly by: string;
      readonly probability: number;
    }
  | {
      readonly kind: 'asked';
      readonly at: number;
      readonly question: string;
      readonly ms: number;
      readonly answered: boolean;
    }
  /** A name began that nobody judges, and why. */
  | { readonly kind: 'abstained'; readonly at: number; readonly why: string }
  /** A finished draft was checked: the new errors that it would bring, as messages; or why nobody could say. */
  | { readonly kind: 'checked'; readonly text: string; readonly errors: readonly string[] }
  | { readonly kind: 'unchecked'; readonly text: string; readonly why: string }
  | { readonly kind: 'removed'; readonly at: number; readonly probability: number }
  /** Of `at` tokens only `to` were kept, because constraints took `removed` of the probability from the next. */
  | { readonly kind: 'backed-up'; readonly at: number; readonly to: number; readonly removed: number }
  /** Of a draft only `kept` was kept: by `gained` nats it is likelier that the text after the cursor follows there. */
  | { readonly kind: 'rescored'; readonly text: string; readonly kept: string; readonly gained: number }
  | { readonly kind: 'note'; readonly text: string };

/** A prompt that was read before anything was asked for. */
export type ReadAhead = Pick<Cost, 'promptTokens' | 'reusedTokens' | 'promptMs'>;

/** Who writes drafts: the worker thread in the product, a script in tests. */
export interface Writer {
  /**
   * Writes drafts for one request. The latest request wins: an earlier one still running ends as `cancelled`.
   * `onProgress` hears the first draft's text so far, at most once a token.
   * Rejects only when the engine is broken (`EngineFailure`).
   */
  write(
    request: WriteRequest,
    signal: AbortSignal,
    onProgress?: (text: string) => void,
  ): Promise<WriteOutcome>;
  /**
   * Reads a prompt that may come, unless something is being written. A request ends it early; what has been read stays.
   * Undefined when it was not read to its end. Never rejects.
   */
  read?(prompt: Prompt): Promise<ReadAhead | undefined>;
}

export { EngineFailure } from '../inference/engine-failure.js';
