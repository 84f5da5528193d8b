/**
 * The rest of a line ends where the line does, unless it is interrupted. Training that takes out names, arguments and
 * values teaches a model to end its text after each of them, wherever the line would go on in the text after the cursor.
 * Where nothing follows on the line, the user is at its end, and what stops at a name is half a line: there the end of
 * the text is no choice. Only before a comment it is one: a line is whole without it, and a model that may not end
 * would write one after another.
 */
import type { Spoken } from '../inference/model.js';
import { logSumExp, normaliserOf } from '../tokens/log-probabilities.js';
import { mayStop } from './cut.js';
import type { Decoding } from './decode.js';
import type { Draft } from './draft.js';
import { isBlank, type Place } from './endings/place.js';
import type { Vocabulary } from '../tokens/vocabulary.js';

/** Whether a line has been begun before the cursor and nothing of it stands after. */
export function isAtLineEnd({ lineBefore, lineAfter }: Place): boolean {
  return !isBlank(lineBefore) && isBlank(lineAfter);
}

/** What was spoken, given that the text goes on; as it was where the model may end the text. */
export function goingOn<Heard extends Pick<Spoken, 'logits'>>(
  spoken: Heard,
  { endsWithLine, vocabulary }: { readonly endsWithLine: boolean; readonly vocabulary: Vocabulary },
): Heard {
  if (!endsWithLine) return spoken;
  const logits = spoken.logits.slice();
  for (const end of vocabulary.endOfText) logits[end] = -Infinity;
  return { ...spoken, logits };
}

/** How likely it is, as a natural logarithm, that the text goes on where it has to; 0 where the model may end it. */
export function logGoingOn(
  spoken: Pick<Spoken, 'logits'>,
  decoding: { readonly endsWithLine: boolean; readonly vocabulary: Vocabulary },
): number {
  if (!decoding.endsWithLine) return 0;
  return logSumExp(goingOn(spoken, decoding).logits) - normaliserOf(spoken.logits);
}

/**
 * The beginning of `draft` that ends before the comment which its last token begins, and the blanks before that; or
 * undefined: where it begins none, the text may not end there, or the model finds a comment likelier than the end.
 */
export function endedBeforeComment(
  draft: Draft,
  decoding: Pick<Decoding, 'endsWithLine' | 'commentSigns' | 'healed' | 'worsens'>,
): Draft | undefined {
  if (!decoding.endsWithLine) return undefined;
  const before = beforeComment(draft, decoding);
  if (before?.goingOn === undefined) return undefined;
  const ending = 1 - Math.exp(before.goingOn);
  const commenting = Math.exp(before.goingOn + draft.logProb - before.logProb);
  if (ending < commenting || !mayStop(before, before.text.length, decoding)) return undefined;
  return { ...before, ending: 'end-of-text' };
}

/** What stood before the sign that the last token completes, and before all blanks in front of it. */
function beforeComment(
  { text, previous }: Draft,
  { commentSigns, healed }: Pick<Decoding, 'commentSigns' | 'healed'>,
): Draft | undefined {
  const longest = Math.max(...commentSigns.map((sign) => sign.length));
  let before: Draft | undefined;
  for (let at = previous; at && healed.length <= at.text.length; at = at.previous) {
    const earlier = withoutBlanks(previous!.text.slice(at.text.length));
    if (longest <= earlier.length) break;
    const said = withoutBlanks(text.slice(at.text.length));
    const isCompleted = (sign: string): boolean =>
      said.startsWith(sign) && sign.startsWith(earlier) && sign !== earlier;
    if (commentSigns.some(isCompleted)) before = at;
  }
  return before;
}

function withoutBlanks(text: string): string {
  return text.replace(/^[ \t]+/, '');
}
