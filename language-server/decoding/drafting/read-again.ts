/** Reads superposed drafts once more, exactly: one batch over the tree of their tokens, and their true probabilities. */
import type { Session, Spoken, TreeToken } from '../../inference/model.js';
import { logProbability } from '../../tokens/log-probabilities.js';
import type { Decoding } from '../decode.js';
import type { Draft, DraftToken, Trunk } from '../draft.js';
import { goingOn } from '../within-line.js';

type Reading = Pick<Decoding, 'depth' | 'endsWithLine' | 'vocabulary'>;

/** Drafts with a trunk as if each had been read alone; the others as they are. */
export async function readAgain(
  drafts: readonly Draft[],
  session: Session,
  decoding: Reading,
): Promise<readonly Draft[]> {
  const exact = new Map<Draft, Draft>();
  const estimated = drafts.filter((draft): draft is Estimated => draft.trunk !== undefined);
  if (estimated.length === 0) return drafts;
  const { tree, nodes } = treeOf(estimated);
  const spoken = tree.length === 0 ? [] : await session.readTree(tree, decoding.depth);
  for (const [index, draft] of estimated.entries()) {
    const own = nodes[index]!.map((node) => goingOn(spoken[node]!, decoding));
    exact.set(draft, exactly(draft, own));
  }
  return drafts.map((draft) => exact.get(draft) ?? draft);
}

type Estimated = Draft & { readonly trunk: Trunk };

/** The tokens to be read, shared beginnings once, and the nodes of each draft: all but its last token. */
function treeOf(drafts: readonly Estimated[]): {
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
function exactly(draft: Estimated, spoken: readonly Spoken[]): Draft {
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
