/** Text to tokens by a bundle's `tokenizer.json`. The only file that knows the tokenizer library. */
import * as library from '@huggingface/tokenizers';
import { bytePairVocabulary, type TokenizerDescription } from './byte-pair-vocabulary.js';
import type { TokenId, Tokenizer } from './vocabulary.js';

/** What we use of the library, whose own declarations do not resolve under NodeNext. */
const { Tokenizer: BytePairTokenizer } = library as unknown as {
  readonly Tokenizer: new (
    description: object,
    configuration: object,
  ) => {
    encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: readonly TokenId[] };
  };
};

/**
 * The tokenizer that the text of a `tokenizer.json` describes.
 *
 * Markup is unknown to it: `<|endoftext|>` inside a user's text is spelled with ordinary tokens, since the library
 * is handed no special tokens to look for.
 * @throws Error when the text is no BPE tokenizer, byte-level or SentencePiece's.
 */
export function readTokenizer(tokenizerJson: string, endOfText: readonly TokenId[]): Tokenizer {
  const description = JSON.parse(tokenizerJson) as TokenizerDescription;
  const vocabulary = bytePairVocabulary(description, endOfText);
  const plain = { ...description, added_tokens: description.added_tokens.filter((added) => !added.special) };
  const tokenizer = new BytePairTokenizer(plain, {});
  return {
    vocabulary,
    encode: (text) => (text === '' ? [] : tokenizer.encode(text, { add_special_tokens: false }).ids),
  };
}

/**
 * The same tokenizer, remembering the tokens of the last few texts: most parts of a prompt are the ones of the
 * keystroke before.
 */
export function remembering(tokenizer: Tokenizer, texts = 16): Tokenizer {
  const known = new Map<string, readonly TokenId[]>();
  return {
    vocabulary: tokenizer.vocabulary,
    encode(text) {
      const tokens = known.get(text) ?? tokenizer.encode(text);
      known.delete(text);
      known.set(text, tokens);
      const [oldest] = known.keys();
      if (known.size > texts && oldest !== undefined) known.delete(oldest);
      return tokens;
    },
  };
}
