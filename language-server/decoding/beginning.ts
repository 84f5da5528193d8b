/**
 * Where decoding begins: with nothing, or with what an earlier session has written.
 *
 * Rows of the network end with their session, and with them all that a draft knows about how it could go on. What is
 * kept of an earlier draft is what was written.
 */
import type { Branch, Session } from '../inference/model.js';
import type { Constraint } from '../constraints/constraint.js';
import type { Draft } from './draft.js';

/** What of a draft outlives its session. */
export interface Beginning extends Pick<
  Draft,
  | 'tokens'
  | 'text'
  | 'heldBack'
  | 'logProb'
  | 'weight'
  | 'removed'
  | 'takenBack'
  | 'constraint'
  | 'glances'
  | 'wish'
> {
  readonly previous?: Beginning;
}

/** The draft that a session begins with; `constraint` holds from there on. */
export function firstDraft(session: Session, constraint: Constraint, from?: Beginning): Draft {
  if (from) return { ...written(from, session.root), constraint };
  return {
    tokens: [],
    text: '',
    heldBack: new Uint8Array(0),
    logProb: 0,
    weight: 0,
    removed: 0,
    takenBack: 0,
    constraint,
    branch: session.root,
  };
}

/**
 * Whether a draft is at least what its session began with. What is shorter has no rows there: nothing can be read after
 * it.
 */
export function reaches({ tokens, text }: Draft, from: Beginning | undefined): boolean {
  return !from || (from.tokens.length <= tokens.length && from.text.length <= text.length);
}

/** The longest beginning that ends with a whole code point. */
export function wholeOf(draft: Beginning): Beginning {
  let at = draft;
  while (at.previous && at.heldBack.length > 0) at = at.previous;
  return at;
}

/** In place of the rows of an earlier session: to read after them would be to read others. */
const gone: Branch = {
  get rows(): never {
    throw new Error('The rows of this draft ended with an earlier session.');
  },
};

function written({ previous, glances, wish, ...from }: Beginning, branch: Branch): Draft {
  const { tokens, text, heldBack, logProb, weight, removed, takenBack, constraint } = from;
  return {
    ...{ tokens, text, heldBack, logProb, weight, removed, takenBack, constraint, branch },
    ...(glances && { glances }),
    ...(wish !== undefined && { wish }),
    ...(previous && { previous: written(previous, gone) }),
  };
}
