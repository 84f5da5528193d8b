/** What each exit would say where full depth went: how often the same, and how often what the author wrote. */
import type { TokenId } from '../../../language-server/tokens/vocabulary.js';
import type { StepSeen } from './recording.js';

/** Counts by exit, ascending. */
export interface Quality {
  readonly exits: readonly { readonly exit: number; readonly same: number; readonly right: number }[];
  /** Tokens compared; and those of them that stand after nothing but what the author wrote. */
  readonly tokens: number;
  readonly afterRight: number;
}

/** `truth` is what the author wrote, from the text on that the draft spells once more, which is `healed` bytes long. */
export function qualityOf(
  steps: readonly StepSeen[],
  bytesOf: (token: TokenId) => Uint8Array,
  truth: Uint8Array,
  healed: number,
): Quality {
  const counts = steps[0]?.exits.map(({ exit }) => ({ exit, same: 0, right: 0 })) ?? [];
  let [tokens, afterRight, at, isRight] = [0, 0, 0, true];
  for (const [index, step] of steps.entries()) {
    const chosen = steps[index + 1]?.input ?? step.exits.at(-1)!.choice;
    const isNext = (token: TokenId): boolean => {
      const bytes = bytesOf(token);
      return bytes.length > 0 && bytes.every((byte, place) => truth[at + place] === byte);
    };
    // Text that stands there already says nothing about an exit.
    if (healed <= at) {
      tokens++;
      if (isRight) afterRight++;
      step.exits.forEach(({ choice }, exit) => {
        if (choice === chosen) counts[exit]!.same++;
        if (isRight && isNext(choice)) counts[exit]!.right++;
      });
    }
    isRight &&= isNext(chosen);
    at += bytesOf(chosen).length;
  }
  return { exits: counts, tokens, afterRight };
}
