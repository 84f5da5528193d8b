/** Reads superposed drafts once more, exactly: one batch over the tree of their tokens, and their true probabilities. */
import type { Session, Spoken, TreeToken } from '../../inference/model.js';
import { logProbability } from '../../tokens/log-probabilities.js';
import type { Decoding } from '../decode.js';
import { isEstimated, type Draft, type DraftToken, type Trunk } from '../draft.js';
import { goingOn } from '../within-line.js';

type Reading = Pick<Decoding, 'depth' | 'endsWithLine' | 'vocabulary'>;

export interface ReadAgain {
  /** In the order in which they were given. */
  readonly drafts: readonly Draft[];
  /** Tokens that the network read for this. */
  readonly read: number;
}

/** Drafts with a trunk as if each had been read alone; the others as they are. */
export async function readAgain(
  drafts: readonly Draft[],
  session: Session,
  decoding: Reading,
): Promise<ReadAgain> {
  const followers = drafts.filter((draft): draft is Follower => draft.trunk !== undefined);
  const { tree, nodes } = treeOf(followers);
  const spoken = tree.length === 0 ? [] : await session.readTree(tree, decoding.depth);
  const heard = spoken.map((one) => goingOn(one, decoding));
  const exact = new Map<Draft, Draft>();
  for (const [index, draft] of followers.entries()) {
    const own = nodes[index]!.map((node) => heard[node]!);
    exact.set(draft, exactly(draft, own));
  }
  return { drafts: drafts.map((draft) => exact.get(draft) ?? draft), read: tree.length };
}

/** What is left where there is no time for that: drafts that are exact as they are. The first is always among them. */
export function exactOnes(drafts: readonly Draft[], trace: Decoding['trace']): readonly Draft[] {
  const exact = drafts.filter((draft) => !isEstimated(draft));
  const others = drafts.length - exact.length;
  if (others > 0)
    trace({ kind: 'note', text: `No time was left to tell how likely others are: ${others} left out.` });
  return exact;
}

type Follower = Draft & { readonly trunk: Trunk };

/** The tokens to be read, shared beginnings once, and the nodes of each draft: all but its last token. */
function treeOf(drafts: readonly Follower[]): {
  readonly tree: readonly TreeToken[];
  readonly nodes: readonly (readonly number[])[];
} {
  const tree: TreeToken[] = [];
  const known = new Map<string, number>();
  const trunks = [...new Set(drafts.map(({ trunk }) => trunk.branch))];
  const nodes = drafts.map(({ tokens, trunk }) => {
    const path: number[] = [];
    for (const { token } of tokens.slice(Math.max(0, trunk.tokens - 1), -1)) {
      const parent = path.at(-1);
      const key = `${parent ?? `trunk ${trunks.indexOf(trunk.branch)}`}/${token}`;
      const node = known.get(key) ?? tree.push({ token, parent: parent ?? trunk.branch }) - 1;
      known.set(key, node);
      path.push(node);
    }
    return path;
  });
  return { tree, nodes };
}

/** The draft with what was spoken after each of its tokens from the last exact one on. */
function exactly(draft: Follower, spoken: readonly Spoken[]): Draft {
  const first = draft.trunk.tokens;
  const tokens = draft.tokens.map((known, at): DraftToken => {
    const before = spoken[at - first];
    if (!before) return known;
    const { token, text } = known;
    return { token, text, logProb: logProbability(before.logits, token), exit: before.exit };
  });
  return rebuilt(draft, tokens, spoken);
}

/** The draft, and all shorter ones behind it, as their rows now are. */
function rebuilt(draft: Draft, all: readonly DraftToken[], spoken: readonly Spoken[]): Draft {
  const { trunk, previous, ...rest } = draft;
  if (!trunk) return draft;
  const tokens = draft.tokens.map(({ text }, at) => ({ ...all[at]!, text }));
  const logProb = tokens.reduce((sum, token) => sum + token.logProb, 0);
  const branch = spoken[tokens.length - 1 - trunk.tokens]?.branch ?? trunk.branch;
  const before = previous && rebuilt(previous, all, spoken);
  return { ...rest, tokens, logProb, weight: logProb, branch, ...(before && { previous: before }) };
}
