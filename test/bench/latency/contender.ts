/** One of the engines in a race: both read the same tokens and continue greedily. */

export interface Contender {
  /** Reads all tokens but the last from nothing, without asking for logits. Milliseconds. */
  readPrompt(tokens: readonly number[]): Promise<number>;
  /** Writes up to `count` tokens after the prompt, beginning with its last token as input; fewer at an end of text. */
  continueFrom(
    last: number,
    count: number,
  ): Promise<{ readonly tokens: readonly number[]; readonly stepMs: readonly number[] }>;
  /**
   * The same after the prompt that was read last, with tokens read ahead that were guessed: milliseconds a token, the
   * mean. Left out by engines that do not guess.
   */
  continueAhead?(count: number): Promise<number>;
  close(): Promise<void>;
}
