/** The likeliest ends that were found for one draft, and which of them the text after the cursor goes on from best. */
import type { Session } from '../../inference/model.js';
import type { Decoding } from '../decode.js';
import { scoreFollowing } from '../following/score.js';
import type { Closing } from './frontier.js';

export interface End extends Closing {
  /** Natural logarithm of the probability of the closing and of the first token after the cursor. */
  readonly score: number;
}

/** What is read after each is as much as a draft of a few tokens. */
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
   * The end after which the text after the cursor is likeliest: whether a block was rightly left open, or closed, shows
   * only some tokens later. One run of the network; none where nothing follows or no two ends score at least `least`:
   * then it is the likeliest.
   */
  async best(
    least: number,
    session: Session,
    decoding: Decoding,
  ): Promise<{ readonly end?: End | undefined; readonly steps: number }> {
    const likely = this.ends.filter(({ score }) => least <= score);
    const { following } = decoding;
    if (likely.length < 2 || !following) return { end: this.ends[0], steps: 0 };
    const drafts = likely.map(({ draft }) => draft);
    const { logProbs } = await scoreFollowing(drafts, following, session, decoding);
    const scored = likely.map((end, index) => ({ end, score: end.logProb + logProbs[index]! }));
    const { end } = scored.reduce((one, other) => (one.score < other.score ? other : one));
    return { end, steps: 1 };
  }
}
