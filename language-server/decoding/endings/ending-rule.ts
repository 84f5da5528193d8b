/** When a draft is complete: the rules, and which of them speaks first. */
import type { Draft } from '../draft.js';
import type { Complete, EndingRule } from '../finish.js';
import { indentedEnd } from './indented-end.js';
import { lineEnd } from './line-end.js';
import type { Place } from './place.js';
import { loopStart } from './repetition.js';
import { suffixEnd } from './suffix-end.js';

export interface EndingOptions {
  readonly place: Place;
  readonly shape: 'line' | 'statement';
  /** Length of the text before the cursor that drafts spell once more. */
  readonly healed: number;
}

export function endingRule({ place, shape, healed }: EndingOptions): EndingRule {
  return (draft) => {
    const written = draft.text.slice(healed);
    if (draft.text.length <= healed) return undefined;
    const candidates = [suffix(written, place), shaped(written, place, shape), repetition(draft, healed)];
    const found = candidates.filter((candidate) => candidate !== undefined);
    if (found.length === 0) return undefined;
    const first = found.reduce((least, complete) => (complete.keep < least.keep ? complete : least));
    return { ...first, keep: healed + first.keep };
  };
}

function suffix(written: string, place: Place): Complete | undefined {
  const keep = suffixEnd(written, place);
  return keep === undefined ? undefined : { ending: 'suffix', keep };
}

function shaped(written: string, place: Place, shape: 'line' | 'statement'): Complete | undefined {
  if (shape === 'statement') return indentedEnd(written, place);
  const keep = lineEnd(written, place);
  return keep === undefined ? undefined : { ending: 'line', keep };
}

function repetition(draft: Draft, healed: number): Complete | undefined {
  const kept = loopStart(draft.tokens);
  if (kept === undefined) return undefined;
  const text = draft.tokens.slice(0, kept).reduce((length, token) => length + token.text.length, 0);
  return { ending: 'repetition', keep: Math.max(0, text - healed) };
}
