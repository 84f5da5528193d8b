/** The start of a text as tokens, of which the first ones are only context. */

/** Tokens read before the first scored one, and scored at most. */
const CONTEXT = 64;
const SCORED = 256;

/** The tokens of a text's start, and the first of them that is scored. */
export function tokenTexts(
  encode: (text: string) => readonly number[],
  text: string,
): { readonly tokens: readonly number[]; readonly first: number } {
  const tokens = encode(text.slice(0, 16 * (CONTEXT + SCORED))).slice(0, CONTEXT + SCORED);
  return { tokens, first: Math.min(CONTEXT, tokens.length >> 1) };
}
