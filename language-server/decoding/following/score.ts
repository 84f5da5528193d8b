/** How well the text after the cursor goes on from where drafts end: its log-probability there, read in one batch. */
import type { Branch, Session, TreeToken } from '../../inference/model.js';
import { logProbability } from '../../tokens/log-probabilities.js';
import type { Tokenizer } from '../../tokens/vocabulary.js';
import type { Decoding } from '../decode.js';
import type { Draft } from '../draft.js';

/** What drafts are judged by. */
export interface Following {
  readonly tokenizer: Tokenizer;
  /** The beginning of the text after the cursor: the rest of its line and as much of the lines after it as is read. */
  readonly following: string;
}

export interface Scores {
  /** For each draft the natural logarithm of the probability of what follows, once it is written. */
  readonly logProbs: readonly number[];
  /** Tokens that the network read for this. */
  readonly read: number;
}

/**
 * Scores drafts by what follows them. The last token of a draft and what follows are tokenised together, as the text
 * would be if it stood in the file, so that a draft that was cut inside a token counts like any other: what is scored
 * is the whole text, less what the draft was scored with.
 * @param drafts none shorter than what the session began with (`reaches`)
 */
export async function scoreFollowing(
  drafts: readonly Draft[],
  { following, tokenizer }: Following,
  session: Session,
  { prompt, from, depth }: Pick<Decoding, 'prompt' | 'from' | 'depth'>,
): Promise<Scores> {
  const tree: TreeToken[] = [];
  const paths = drafts.map((draft) => {
    const known = beforeLast(draft, from?.tokens.length ?? 0);
    const tokens = tokenizer.encode(draft.text.slice(known.text.length) + following);
    let parent: number | Branch = known.branch;
    const nodes = [known.tokens.at(-1)?.token ?? prompt.at(-1)!, ...tokens.slice(0, -1)].map((token) => {
      parent = tree.push({ token, parent }) - 1;
      return parent;
    });
    return { known, tokens, nodes };
  });
  const spoken = tree.length === 0 ? [] : await session.readTree(tree, depth);
  const logProbs = paths.map(({ known, tokens, nodes }, index) =>
    tokens.reduce(
      (sum, token, at) => sum + logProbability(spoken[nodes[at]!]!.logits, token),
      known.logProb - drafts[index]!.logProb,
    ),
  );
  return { logProbs, read: tree.length };
}

/**
 * The draft without the token that its text ends in, and without more where that would cut a code point; but with the
 * first `least` tokens, which the session began with.
 */
function beforeLast(draft: Draft, least: number): Draft {
  let at = draft;
  do {
    if (!at.previous || at.tokens.length <= least) return at;
    at = at.previous;
  } while (at.heldBack.length > 0);
  return at;
}
