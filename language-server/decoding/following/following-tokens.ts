/** Tokens with which the text after the cursor can go on: all that a model which never saw it can say about it. */
import { spellingIndex } from '../../tokens/spelling-index.js';
import type { TokenId, Vocabulary } from '../../tokens/vocabulary.js';

/** No token that is looked for is longer, in UTF-16 units. */
const LONGEST = 64;

/** One text at a time: it stays the same while a draft is written. */
const known = new WeakMap<Vocabulary, { readonly after: string; readonly tokens: readonly TokenId[] }>();

/**
 * Tokens that spell a beginning of `after`, or all of its first characters and more. Where the rest of the line is
 * blank, those with a line end, whatever comes behind it, and those that end the text.
 */
export function followingTokens(after: string, vocabulary: Vocabulary): readonly TokenId[] {
  const begun = after.slice(0, LONGEST);
  const latest = known.get(vocabulary);
  if (latest?.after === begun) return latest.tokens;
  const line = /^[^\S\r\n]*(?:\r?\n|$)/.exec(begun);
  const tokens = agreeing(line ? '\n' : begun, vocabulary);
  const all = line ? [...tokens, ...vocabulary.endOfText] : tokens;
  known.set(vocabulary, { after: begun, tokens: all });
  return all;
}

function agreeing(text: string, vocabulary: Vocabulary): readonly TokenId[] {
  return spellingIndex(vocabulary).agreeingWith(new TextEncoder().encode(text));
}
