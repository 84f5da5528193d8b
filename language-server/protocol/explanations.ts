/** How the last suggestion, or the lack of one, came to be. */

/** Client to server: why was there no suggestion? Answers with `Explanation`. */
export const explainRequest = 'candor/explain';
export interface Explanation {
  /** One paragraph for the user about the last request. */
  readonly text: string;
  /** Its trace lines. */
  readonly trace: readonly string[];
}

/** Client to server: how did the last suggestion come to be? Answers with `SuggestionExplanation`, or null. */
export const explainSuggestionRequest = 'candor/explainSuggestion';
export interface SuggestionExplanation {
  readonly text: string;
  /** All tokens of the draft; those that only spell what stood before the cursor have no text. */
  readonly tokens: readonly ExplainedToken[];
  /** Layers of the network. */
  readonly layers: number;
  /** Why it ended, as in docs/cli.md. */
  readonly ending: string;
  readonly notes: readonly string[];
}
export interface ExplainedToken {
  readonly text: string;
  /** Under the unconstrained model. */
  readonly probability: number;
  /** Layers that had run when it was spoken. */
  readonly exit: number;
  /** The chance that all up to here is what the user would write, where that was asked for. */
  readonly sure?: number;
  /** What constraints refused in its place, with the probability of it. */
  readonly refused: readonly { readonly token: string; readonly by: string; readonly probability: number }[];
}
