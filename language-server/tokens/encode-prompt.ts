/** A prompt of text parts and markup as tokens, trimmed to its budget in steps so that the cut seldom moves. */
import type { Prompt, PromptPart } from './prompt.js';
import type { TokenId, Tokenizer } from './vocabulary.js';

/**
 * Tokens that a part loses at once. While a user types, the part before the cursor grows by a token or two per
 * keystroke; its start, and with it every cached row, moves only once in so many tokens.
 */
export const TRIM_STEP = 128;

/** Tokens of a prompt, or undefined when even its untrimmable parts exceed the budget. */
export function encodePrompt(prompt: Prompt, tokenizer: Tokenizer): readonly TokenId[] | undefined {
  const parts = prompt.parts.map((part) => ({ part, tokens: encodePart(part, tokenizer) }));
  let excess = parts.reduce((sum, { tokens }) => sum + tokens.length, 0) - prompt.maxTokens;
  const kept = parts.map(({ part, tokens }) => {
    if (excess <= 0 || part.kind === 'special' || part.trim === undefined) return tokens;
    const left = trimmed(tokens, excess, part.trim);
    excess -= tokens.length - left.length;
    return left;
  });
  return excess > 0 ? undefined : kept.flat();
}

function encodePart(part: PromptPart, tokenizer: Tokenizer): readonly TokenId[] {
  if (part.kind === 'text') return tokenizer.encode(part.text);
  const token = tokenizer.vocabulary.special(part.name);
  if (token === undefined) throw new Error(`The vocabulary has no special token ${part.name}.`);
  return [token];
}

/** `tokens` without at least `excess` of them, in whole steps; earlier parts of a prompt give way first. */
function trimmed(tokens: readonly TokenId[], excess: number, end: 'start' | 'end'): readonly TokenId[] {
  const lost = Math.min(tokens.length, Math.ceil(excess / TRIM_STEP) * TRIM_STEP);
  return end === 'start' ? tokens.slice(lost) : tokens.slice(0, tokens.length - lost);
}
