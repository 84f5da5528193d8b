/** The model's alphabet: what bytes each token spells, and which tokens are not text. */

/** Index into the model's vocabulary. */
export type TokenId = number;

export interface Vocabulary {
  readonly size: number;
  /** Tokens that end the text. */
  readonly endOfText: ReadonlySet<TokenId>;
  /** The UTF-8 bytes a token spells; empty for special tokens. May end inside a code point. Do not modify. */
  bytesOf(token: TokenId): Uint8Array;
  /** Whether a token is markup (`<|endoftext|>`, `<file_sep>`, …) and must never appear in code. */
  isSpecial(token: TokenId): boolean;
  /** The special token with this spelling, or undefined. */
  special(name: string): TokenId | undefined;
}

/** Text to tokens. Pure: equal texts give equal tokens. */
export interface Tokenizer {
  readonly vocabulary: Vocabulary;
  /** Ordinary text only: markup spelled out in the text stays text. */
  encode(text: string): readonly TokenId[];
}
