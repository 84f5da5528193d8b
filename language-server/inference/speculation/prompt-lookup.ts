/**
 * Guesses by what followed the same tokens before: code repeats itself, and the prompt holds what it repeats.
 *
 * After Yang et al., *Inference with Reference: Lossless Acceleration of Large Language Models* (2023,
 * https://arxiv.org/abs/2304.04487), with two differences: the text at hand is the reference, and all places that agree
 * are counted, so that a guess comes with a chance.
 */
import type { TokenId } from '../../tokens/vocabulary.js';

export interface Guess {
  readonly token: TokenId;
  /** How likely it is that the network will choose it. */
  readonly chance: number;
}

/** Tokens before the guess that have to agree, at most. */
const LONGEST = 5;
/** Places looked at, the nearest first. */
const MOST_PLACES = 256;

export class PromptLookup {
  /** Where each token stands in the prompt, ascending. */
  private readonly places = new Map<TokenId, number[]>();

  constructor(private readonly prompt: readonly TokenId[]) {
    prompt.forEach((token, at) => {
      const known = this.places.get(token);
      if (known) known.push(at);
      else this.places.set(token, [at]);
    });
  }

  /** What comes after the prompt and `written`, judged by the longest agreement; undefined where there is none. */
  after(written: readonly TokenId[]): Guess | undefined {
    const { length } = this.prompt;
    const at = (index: number): TokenId | undefined =>
      index < length ? this.prompt[index] : written[index - length];
    const end = length + written.length;
    /** For each length of agreement, what followed how often. */
    const followed = Array.from({ length: LONGEST + 1 }, () => new Map<TokenId, number>());
    for (const place of this.placesOf(at(end - 1)!, written)) {
      let agreeing = 1;
      while (agreeing < LONGEST && at(place - agreeing) === at(end - 1 - agreeing)) agreeing++;
      const token = at(place + 1)!;
      for (let shorter = agreeing; shorter > 0; shorter--)
        followed[shorter]!.set(token, (followed[shorter]!.get(token) ?? 0) + 1);
    }
    const longest = followed.findLast((counts) => counts.size > 0);
    if (!longest) return undefined;
    const agreeing = followed.indexOf(longest);
    const times = [...longest.values()].reduce((sum, count) => sum + count, 0);
    const [token, count] = [...longest].reduce((best, other) => (best[1] < other[1] ? other : best));
    return { token, chance: count / (times + DOUBT[agreeing]!) };
  }

  /** Earlier places of a token that something follows, the nearest first. */
  private placesOf(token: TokenId, written: readonly TokenId[]): readonly number[] {
    const places: number[] = [];
    for (let at = written.length - 2; 0 <= at && places.length < MOST_PLACES; at--)
      if (written[at] === token) places.push(this.prompt.length + at);
    const known = this.places.get(token) ?? [];
    for (let index = known.length - 1; 0 <= index && places.length < MOST_PLACES; index--) {
      const place = known[index]!;
      if (place + 1 < this.prompt.length + written.length) places.push(place);
    }
    return places;
  }
}

/** Places of disagreement that are added to those seen, by the length of agreement: fitted on validation packages. */
const DOUBT = [0, 1, 1, 0.5, 0.5, 0.5];
