/** When a draft is complete: the rules, and which of them is tried first. */
import type { Draft } from '../draft.js';
import type { Complete, EndingRule } from '../finish.js';
import { loopStart } from './repetition.js';
import type { Place } from './place.js';
import { suffixEnd } from './suffix-end.js';

/** Where what was asked for is complete; `written` is the text after the cursor, `keep` counts in it. */
export type ShapeRule = (written: string) => readonly Complete[];

/** What was asked for, unless the draft begins to repeat the text after the cursor, or itself, before that. */
export function endingRule(shape: ShapeRule, place: Place, healed: number): EndingRule {
  return (draft) => {
    if (draft.text.length <= healed) return [];
    const written = draft.text.slice(healed);
    const repeats = suffix(written, place);
    const shaped = shape(written);
    const isShapedFirst = repeats[0] && shaped[0] && shaped[0].keep < repeats[0].keep;
    const ends = isShapedFirst ? [...shaped, ...repeats] : [...repeats, ...shaped];
    return [...ends, ...repetition(draft, healed)].map(({ ending, keep }) => ({
      ending,
      keep: healed + keep,
    }));
  };
}

function suffix(written: string, place: Place): readonly Complete[] {
  const keep = suffixEnd(written, place);
  return keep === undefined ? [] : [{ ending: 'suffix', keep }];
}

function repetition(draft: Draft, healed: number): readonly Complete[] {
  const kept = loopStart(draft.tokens);
  if (kept === undefined) return [];
  const text = draft.tokens.slice(0, kept).reduce((length, token) => length + token.text.length, 0);
  return [{ ending: 'repetition', keep: Math.max(0, text - healed) }];
}
