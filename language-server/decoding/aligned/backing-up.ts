/**
 * Drafts that go back: where constraints leave too little of what the model would write next, the fault is mostly in
 * what it wrote before. Approximately aligned decoding says how far to go back (`back-up.ts`); what was found to be
 * forbidden stays known to all drafts of the request (`future-trie.ts`).
 */
import type { TokenId } from '../../tokens/vocabulary.js';
import { randomNumbers } from '../choice.js';
import type { Draft } from '../draft.js';
import { keptTokens, type Kept } from './back-up.js';
import { FutureTrie, type NextToken } from './future-trie.js';

export interface BackingUpSettings {
  /** 0: a dead end takes the last token back, nothing else does. Infinite: start over. AprAD: 1. */
  readonly exponent: number;
  /** Equal seeds go back to equal places. */
  readonly seed: number;
  /** A draft goes back when constraints take more than this probability from one choice. */
  readonly mostRemoved: number;
  /** A token more likely than this would only be chosen again: 0.5 where the likeliest is chosen, else 1. */
  readonly chosenAbove: number;
  /** Tokens that one draft may take back in all: what bounds the cost. */
  readonly mostTakenBack: number;
}

/** What one request has learned about dead ends. Mutable; owned by one decoding. */
export class BackingUp {
  private readonly futures = new FutureTrie();

  constructor(private readonly settings: BackingUpSettings) {}

  /** How much of what follows is allowed, for the next tokens of which that is known. */
  sharesAfter(draft: Draft): ReadonlyMap<TokenId, number> {
    return this.futures.nextAfter(idsOf(draft));
  }

  /**
   * Where to go on from once `refused` were refused after `draft`; undefined: from where it is.
   * @param removed what constraints took from this choice; 1 when nothing is left.
   * @param mayGoBackTo where this draft may go on from, besides its end.
   */
  goBack(
    draft: Draft,
    refused: readonly NextToken[],
    removed: number,
    mayGoBackTo: (shorter: Draft) => boolean,
  ): Draft | undefined {
    const tokens = idsOf(draft);
    const probabilities = draft.tokens.map(({ logProb }) => Math.exp(logProb));
    const before = this.allowedAlong(tokens);
    if (removed < 1) this.futures.forbidAfter(tokens, probabilities, refused);
    else this.futures.forbid(tokens, probabilities);
    if (removed <= this.settings.mostRemoved) return undefined;

    const now = this.allowedAlong(tokens);
    const kept = probabilities.map((probability, i): Kept => {
      const left = now[i] === 0 ? 0 : (probability * now[i + 1]!) / now[i]!;
      const was = (probability * before[i + 1]!) / before[i]!;
      return { before: left > this.settings.chosenAbove ? left : was, now: left };
    });
    const random = randomNumbers(this.settings.seed, tokens.length, draft.takenBack);
    const wanted = keptTokens(kept, this.settings.exponent, random);
    const takenBack = draft.takenBack + tokens.length - wanted;
    const at = ancestor(draft, wanted);
    if (at === draft || takenBack > this.settings.mostTakenBack || now[wanted] === 0 || !mayGoBackTo(at))
      return undefined;
    return { ...at, takenBack };
  }

  /** How much is allowed after each beginning of `tokens`, the empty one first. */
  private allowedAlong(tokens: readonly TokenId[]): readonly number[] {
    return Array.from({ length: tokens.length + 1 }, (_, i) => this.futures.allowedAfter(tokens.slice(0, i)));
  }
}

function idsOf({ tokens }: Draft): readonly TokenId[] {
  return tokens.map(({ token }) => token);
}

function ancestor(draft: Draft, length: number): Draft {
  let at = draft;
  while (at.previous && length < at.tokens.length) at = at.previous;
  return at;
}
