/**
 * The rest of a line ends where the line does, unless it is interrupted. Training that takes out names, arguments and values teaches a model to end
 * its text after each of them, wherever the line would go on in the text after the cursor. Where nothing follows on the
 * line, the user is at its end, and what stops at a name is half a line: there the end of the text is no choice.
 */
import type { Spoken } from '../inference/model.js';
import { logSumExp } from '../tokens/log-probabilities.js';
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
  return logSumExp(goingOn(spoken, decoding).logits) - logSumExp(spoken.logits);
}
