/** Token healing: the last tokens before the cursor are taken back, so that the model may choose them anew. */
import type { Prompt } from '../tokens/prompt.js';
import type { TokenId, Vocabulary } from '../tokens/vocabulary.js';

/** A prompt whose last tokens were taken back, and the text that they spelled. */
export interface Healed {
  readonly prompt: readonly TokenId[];
  readonly text: string;
}

/** Most tokens taken back: each one costs a step of decoding. */
const MOST_TOKENS = 4;

const PIECE = /(?: ?[\p{L}\p{N}_$]+|\s+|[^\s\p{L}\p{N}_$]+)$/u;
const WORD = / ?[\p{L}\p{N}_$]+$/u;

/**
 * Takes back the tokens of the piece that the cursor may stand inside: a word with the space before it, or a run of
 * white space, or one of other signs. Such a piece is one token, or few, when whole, and other tokens when cut short:
 * four spaces before `return` are three and then ` return`.
 *
 * Where a model fills in, what it writes begins behind a mark, and it tells by that beginning where to end: behind a
 * bracket that it opened itself it writes the closing one too, which stands there already. So only words are taken back.
 *
 * @param behind tokens of markup at the prompt's end, behind the text before the cursor; they stay.
 */
export function heal(
  encoded: readonly TokenId[],
  before: string,
  vocabulary: Vocabulary,
  behind = 0,
): Healed {
  const prompt = encoded.slice(0, encoded.length - behind);
  const markup = encoded.slice(prompt.length);
  const piece = (0 < behind ? WORD : PIECE).exec(before)?.[0] ?? '';
  const wanted = new TextEncoder().encode(piece).length;
  let taken = 0;
  let bytes = 0;
  while (taken < MOST_TOKENS && bytes < wanted && taken < prompt.length - 1) {
    const spelled = vocabulary.bytesOf(prompt[prompt.length - taken - 1]!);
    if (spelled.length === 0) break;
    taken++;
    bytes += spelled.length;
  }
  // A cut inside a code point cannot be spelled as text: take back fewer tokens.
  for (; taken > 0; taken--) {
    const text = spelling(prompt.slice(prompt.length - taken), vocabulary);
    if (text !== undefined && before.endsWith(text))
      return { prompt: [...prompt.slice(0, prompt.length - taken), ...markup], text };
  }
  return { prompt: encoded, text: '' };
}

/**
 * How many parts of markup close a prompt whose last text is the one before the cursor, as when a model fills in that
 * reads the suffix first: `<suffix> … <prefix> … <middle>`. None where another text comes last.
 */
export function markupBehind({ parts }: Prompt): number {
  const last = parts.findLastIndex((part) => part.kind === 'text');
  const part = parts[last];
  return part?.kind === 'text' && part.trim === 'start' ? parts.length - 1 - last : 0;
}

function spelling(tokens: readonly TokenId[], vocabulary: Vocabulary): string | undefined {
  try {
    const bytes = Buffer.concat(tokens.map((token) => vocabulary.bytesOf(token)));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
