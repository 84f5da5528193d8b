/**
 * Superposed decoding (Shen et al. 2024, Superposed Decoding: Multiple Generations from a Single Autoregressive
 * Inference Pass, NeurIPS, §3): drafts share a row of the network, whose input is the weighted sum of their last
 * tokens, and an n-gram model says which draft a token belongs to (`shared-row.ts`).
 *
 * Unlike in the paper the first draft leads in a row of its own, so that it is the greedy one, exactly. The others
 * follow from where it is first uncertain, and share a second row however many they are. Since a superposition drifts
 * from the true mixture after about ten tokens (§5.2), the likeliest of them is then read again, exactly, and leads as
 * the first does; the rest are let go. Two rows are all that a step may have: on CPUs the second costs a tenth of the
 * first, and a third or a token that is read again a third of it. What a shared row says of a token's probability is an
 * estimate, good enough to write by; before drafts are ranked, all that have shared one are read again (`decode.ts`).
 */
import type { Branch, Spoken } from '../../inference/model.js';
import type { Decoding } from '../decode.js';
import type { Draft } from '../draft.js';
import { grow } from '../grow.js';
import { lastLogProbs, uncertain, type Drafting } from './drafting.js';
import { readAgain } from './read-again.js';
import { growTogether, heaviest, type NextToken } from './shared-row.js';

/** Drafts part where another token than the first choice is as likely as this. */
const FORK_PROBABILITY = 0.1;
/** All that are as likely as this then follow: they share a row, so that more of them cost next to nothing. */
const FOLLOWER_PROBABILITY = 0.02;
/** Tokens that drafts write superposed before one of them is read again: by then the superposition has drifted. */
export const SUPERPOSED_TOKENS = 10;

/** @param next tells drafts apart; see `ngrams/`. */
export function superposed(next: NextToken): Drafting {
  return {
    rows: (open) => [...leadersOf(open).map((leader) => [leader]), ...groupsOf(open)],
    async grow(drafts, heard, decoding) {
      const ended = drafts.filter(({ ending }) => ending);
      const open = drafts.filter(({ ending }) => !ending);
      const groups = groupsOf(open);
      const leaders = leadersOf(open);
      // Two rows at most: a third would cost more than the second.
      let room = leaders.length + groups.length > 1 ? 0 : decoding.width - drafts.length;
      const led: Draft[] = [];
      for (const leader of leaders) {
        const forward = heard.get(leader)!;
        const family =
          forward.kind === 'stopped' ? [uncertain(leader)] : await forked(leader, forward, room, decoding);
        if (family.length > 1) room = 0;
        led.push(...family);
      }
      const following: Draft[] = [];
      for (const group of groups) {
        const forward = heard.get(group[0]!)!;
        const places = decoding.width - ended.length - led.length - following.length;
        following.push(
          ...(forward.kind === 'stopped'
            ? group.map(uncertain)
            : await grown(group, forward, Math.max(1, places), next, decoding)),
        );
      }
      return [...led, ...ended, ...following];
    },
    async settle(drafts, session, decoding) {
      const following = drafts.filter(({ ending, trunk }) => !ending && trunk);
      if (!following.some(isDue)) return drafts;
      const kept = heaviest(following);
      const [exact] = (await readAgain([kept], session, decoding)).drafts;
      return drafts.flatMap((draft) => {
        if (draft === kept) return [exact!];
        return following.includes(draft) ? [] : [draft];
      });
    },
  };
}

function leadersOf(open: readonly Draft[]): readonly Draft[] {
  return open.filter(({ trunk }) => !trunk);
}

/** Followers that the network has read the same rows for. */
function groupsOf(open: readonly Draft[]): readonly (readonly Draft[])[] {
  const groups = new Map<Branch, Draft[]>();
  for (const draft of open) {
    if (draft.trunk) groups.set(draft.branch, [...(groups.get(draft.branch) ?? []), draft]);
  }
  return [...groups.values()];
}

/** A draft that may share its row from here on. */
function follower(draft: Draft): Draft {
  return { ...draft, weight: draft.logProb, trunk: { branch: draft.branch, tokens: draft.tokens.length } };
}

function isDue({ tokens, trunk }: Draft): boolean {
  return SUPERPOSED_TOKENS <= tokens.length - trunk!.tokens;
}

/** The first choice after a draft and, where that is uncertain, up to `room` others, which follow it. */
async function forked(
  draft: Draft,
  forward: Spoken,
  room: number,
  decoding: Decoding,
): Promise<readonly Draft[]> {
  const [first, ...others] = await grow(draft, forward, room + 1, 0, decoding);
  const logProbOf = lastLogProbs(draft, forward, decoding);
  const share = (child: Draft): number => Math.exp(logProbOf(child));
  if (!others.some((child) => FORK_PROBABILITY <= share(child))) return [first!];
  const followers = others.filter((child) => FOLLOWER_PROBABILITY <= share(child));
  return [first!, ...followers.map((child) => (child.ending ? child : follower(child)))];
}

/** The children of a group, at most `room`. */
async function grown(
  group: readonly Draft[],
  forward: Spoken,
  room: number,
  next: NextToken,
  decoding: Decoding,
): Promise<readonly Draft[]> {
  const [first] = group;
  const { length } = first!.tokens;
  const isLonger = ({ tokens }: Draft): boolean => length < tokens.length;
  if (group.length === 1 && first!.trunk!.tokens === length) {
    // Nobody has shared its rows so far: it is as exact as the first draft.
    const children = await forked(first!, forward, room - 1, decoding);
    return children.map((child) => (isLonger(child) ? follower(child) : child));
  }
  const children = await growTogether(group, forward, room, next, decoding);
  // All have died: the heaviest may still go on with a token that is no candidate.
  return children.length > 0 ? children : grow(heaviest(group), forward, 1, 0, decoding);
}
