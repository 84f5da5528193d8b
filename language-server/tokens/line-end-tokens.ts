/** How much the model wants to end: its probability of ending the text, or the line, right where it stands. */
import type { TokenId, Vocabulary } from './vocabulary.js';

const known = new WeakMap<Vocabulary, readonly TokenId[]>();

/** @param normaliser logarithm of the sum of the exponentials of `logits` */
export function wishToEnd(logits: Float32Array, normaliser: number, vocabulary: Vocabulary): number {
  let wish = 0;
  for (const token of endingTokens(vocabulary)) wish += Math.exp(logits[token]! - normaliser);
  return wish;
}

/** End of text, and all tokens with nothing but blanks before their first line end. */
function endingTokens(vocabulary: Vocabulary): readonly TokenId[] {
  const ending =
    known.get(vocabulary) ??
    Array.from({ length: vocabulary.size }, (_, token) => token).filter(
      (token) => vocabulary.endOfText.has(token) || endsLine(vocabulary.bytesOf(token)),
    );
  known.set(vocabulary, ending);
  return ending;
}

const [SPACE, TAB, LINE_FEED, RETURN] = [0x20, 0x09, 0x0a, 0x0d];

function endsLine(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte !== SPACE && byte !== TAB && byte !== RETURN);
  return first === LINE_FEED;
}
