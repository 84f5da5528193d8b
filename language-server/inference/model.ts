/**
 * What decoding needs of a model. The ONNX engine is the one real implementation; unit tests script their own.
 *
 * Keys and values live in rows. A branch is a list of rows over the shared prompt; growing a branch makes another
 * one, so rollback is forgetting and several drafts share what they have in common.
 */
import type { TokenId } from '../tokens/vocabulary.js';
import type { Cancellation } from './cancellation.js';
import type { ExitController } from './exit-controller.js';

export interface LanguageModel {
  /** Number of layers; the deepest exit. */
  readonly layers: number;
  /** Layers after which the network may speak, ascending, the last one being `layers`. */
  readonly exits: readonly number[];
  /** Longest sequence, prompt and continuation together, that the engine takes. */
  readonly maxTokens: number;
  /** Reads at an exit's hidden state whether to go on; undefined where the bundle has none. */
  readonly controller?: ExitController | undefined;
  /** Whether policies can have skipped layers `propagated`; left out: no. */
  readonly propagates?: boolean;
  /** Guesses what the network will say; undefined where the bundle has none, or it does not run here. */
  readonly drafter?: Drafter | undefined;
  /**
   * Reads the prompt except its last token, reusing rows of the longest common token prefix with earlier prompts.
   * Rejects with `Cancelled` when cancelled between chunks; rows read so far stay usable for the next request.
   */
  open(prompt: readonly TokenId[], cancellation: Cancellation): Promise<Session>;
}

/** One generation in progress: the only mutable state of decoding is behind it. Dispose before the next `open`. */
export interface Session extends Disposable {
  /** The whole prompt but its last token, which is the first input of `forward`. */
  readonly root: Branch;
  /** What reading the prompt cost. */
  readonly reading: Reading;
  /** What reading guesses takes; left out where they cannot be read. */
  readonly ahead?: Ahead;
  /** What was guessed so far; left out where nothing is (see `speculation/`). */
  readonly speculated?: Speculated;
  /**
   * Advances each step by one position, all in one batch, block of layers by block, as deep as the policy asks.
   * Rejects with `Cancelled` when cancelled between block calls.
   */
  forward(steps: readonly Step[], policy: ExitPolicy): Promise<readonly Forward[]>;
  /**
   * Reads trees of known tokens in one batch, each node a position after its parent. Answers for each node what the
   * network says after it. `depth` is a policy that never stops.
   */
  readTree(tree: readonly TreeToken[], depth: ExitPolicy): Promise<readonly Spoken[]>;
}

/** A node of a tree of tokens. */
export interface TreeToken {
  readonly token: TokenId;
  /** Index of an earlier node; or the branch that a tree grows from. */
  readonly parent: number | Branch;
}

export interface Reading {
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly promptMs: number;
}

/** Rows for tokens that may not stay. */
export interface Ahead {
  /** How many rows fit beside the next one so that each hears, to the last bit, what it would hear alone. */
  readonly room: number;
  /** Gives back the row of `branch` and those that were read after it, for others; nothing may go on from them. */
  forget(branch: Branch): void;
}

/** Tokens that the network read because they were guessed to follow, and those of them that did. */
export interface Speculated {
  readonly guessed: number;
  readonly held: number;
}

/** Guesses the next token at next to no cost; what it says is never offered, only read ahead. */
export interface Drafter {
  /**
   * `state` [width]: what the network, or the drafter before, left where it chose `token`. Answers the state after that
   * token, and what most likely follows it.
   */
  next(
    state: Float32Array,
    token: TokenId,
  ): Promise<{ readonly state: Float32Array; readonly guess: DrafterGuess }>;
}

export interface DrafterGuess {
  readonly token: TokenId;
  readonly chance: number;
}

/** Where a continuation stands: opaque to decoding. */
export interface Branch {
  /** Rows of this branch beyond the shared prompt, oldest first. */
  readonly rows: readonly number[];
}

/** Weighted tokens standing in one position; weights sum to one. A single draft is a mixture of one. */
export type TokenMixture = readonly (readonly [token: TokenId, weight: number])[];

export interface Step {
  readonly after: Branch;
  readonly input: TokenMixture;
}

/** Logits over the vocabulary, spoken at layer `exit`; or the policy's refusal to go on. */
export type Forward = Spoken | { readonly kind: 'stopped'; readonly exit: number; readonly branch: Branch };

export interface Spoken {
  readonly kind: 'logits';
  readonly logits: Float32Array;
  readonly exit: number;
  readonly branch: Branch;
  /** The hidden state [width] that spoke; holds until the next step. */
  readonly hidden?: Float32Array | undefined;
  /** The token had been guessed, so this was known before it was asked for: no run of the network. */
  readonly wasGuessed?: true;
}

/** Go on to deeper layers, speak from this one, or say nothing at all. */
export type ExitVerdict = 'continue' | 'exit' | 'stop';

/** Judges, at each exit of the network, whether computing on is worth it. */
export interface ExitPolicy {
  /** Exits at which the policy wants to look; at all others the network just goes on, without paying for the head. */
  readonly watches: (exit: number) => boolean;
  /**
   * What a token that goes deep finds of tokens that did not: keys and values `propagated` from the states with which
   * those left, or, left out, exactly what the skipped layers say, which run for them in one batch.
   */
  readonly skipped?: 'propagated';
  /** A promise where the policy wants to see logits. */
  judge(observation: ExitObservation): ExitVerdict | Promise<ExitVerdict>;
}

/** What can be seen at an exit without going deeper. `logits` costs a run of the head. */
export interface ExitObservation {
  readonly exit: number;
  readonly lastExit: number;
  /** The hidden state [width] after that layer; not to be kept or changed. */
  readonly hidden: Float32Array;
  readonly logits: () => Promise<Float32Array>;
}
