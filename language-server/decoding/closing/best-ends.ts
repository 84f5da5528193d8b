/** The likeliest ends that were found for one draft, and which of them the text after the cursor goes on from best. */
import type { Branch, Session, TreeToken } from '../../inference/model.js';
import { logProbability } from '../../tokens/log-probabilities.js';
import type { TokenId } from '../../tokens/vocabulary.js';
import type { Closing } from './frontier.js';

export interface End extends Closing {
  /** Includes the draft's last token. */
  readonly branch: Branch;
  /** Natural logarithm of the probability of the closing and of the first token after the cursor. */
  readonly score: number;
}

/** Each costs a run of the network. */
const MOST_ENDS = 6;

/** Owner of the ends of one draft. */
export class BestEnds {
  /** The likeliest first; each text once, as it is likeliest spelled. */
  private ends: readonly End[] = [];

  /** Of the likeliest; that of none is -Infinity. */
  get score(): number {
    return this.ends[0]?.score ?? -Infinity;
  }

  /** Whether an end of this score would be kept. */
  wants(score: number): boolean {
    return this.ends.length < MOST_ENDS || this.ends.at(-1)!.score < score;
  }

  add(end: End): void {
    const same = this.ends.find(({ draft }) => draft.text === end.draft.text);
    if (same && end.score <= same.score) return;
    this.ends = [...this.ends.filter((other) => other !== same), end]
      .sort((a, b) => b.score - a.score)
      .slice(0, MOST_ENDS);
  }

  /**
   * The end after which `following`, the first tokens after the cursor, is likeliest: whether a block was rightly left
   * open, or closed, shows only some tokens later. Of ends whose score is below `least`, or where time is up, the
   * likeliest, without a run.
   */
  async best(
    following: readonly TokenId[],
    least: number,
    isLate: () => boolean,
    session: Session,
  ): Promise<{ readonly end?: End | undefined; readonly steps: number }> {
    const likely = this.ends.filter(({ score }) => least <= score);
    if (likely.length < 2 || following.length < 2) return { end: this.ends[0], steps: 0 };
    let best: { readonly end: End; readonly score: number } | undefined;
    let steps = 0;
    for (const end of likely) {
      if (isLate()) break;
      const score = end.score + (await readOn(end.branch, following, session));
      steps++;
      if (!best || best.score < score) best = { end, score };
    }
    return { end: best?.end ?? this.ends[0], steps };
  }
}

/**
 * Natural logarithm of the probability of `tokens` but the first after `branch`: how that one is spelled depends on what
 * stands before it, and is in the score, by all its spellings.
 */
async function readOn(branch: Branch, tokens: readonly TokenId[], session: Session): Promise<number> {
  const tree = tokens
    .slice(0, -1)
    .map((token, index): TreeToken => ({ token, parent: index === 0 ? undefined : index - 1 }));
  const spoken = await session.readTree(branch, tree);
  return spoken.reduce((sum, { logits }, index) => sum + logProbability(logits, tokens[index + 1]!), 0);
}
