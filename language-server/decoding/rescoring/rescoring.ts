/**
 * Chooses after which of their lines drafts end, and their order, by the text after the cursor: for models that never
 * see it.
 *
 * What follows the cursor is given, so by Bayes' rule a text is as likely there as the model finds it that a file goes
 * on with the text and then with what follows. Texts of different lengths compare by that as they are, and one that
 * repeats what follows does not beat the same text without the repetition.
 */
import type { Session } from '../../inference/model.js';
import type { TokenId, Tokenizer } from '../../tokens/vocabulary.js';
import { reaches } from '../beginning.js';
import { constraintAt, cutAt } from '../cut.js';
import type { Decoding } from '../decode.js';
import { likelihoodOf, type Draft } from '../draft.js';
import { withoutReturn } from '../endings/line-end.js';
import { scoreFollowing, type Following } from '../following/score.js';

export interface Rescored {
  /** Likeliest first; empty ones last, and those that are shorter than what the session began with. */
  readonly drafts: readonly Draft[];
  /** Tokens that the network read for this. */
  readonly read: number;
}

/** Tokens of what follows the cursor that are read: the beginning tells most, and all are read at every place. */
const FOLLOWING_TOKENS = 8;
/** Tokens that may come after a draft: cut anew together with its last one, what follows can be more of them. */
export const RESCORING_ROOM = 4 * FOLLOWING_TOKENS;
/**
 * Lines of a draft after which it may end instead. Inside a line nothing is compared: that a word and nothing more is
 * likelier than any one line that begins with it is true, and of no use.
 */
const LINES = 3;

/** Undefined where nothing follows that could tell. */
export function rescoringBy(after: string, tokenizer: Tokenizer): Following | undefined {
  const start = after.slice(0, 1_000).trimEnd();
  if (start === '') return undefined;
  const tokens = tokenizer.encode(start).slice(0, FOLLOWING_TOKENS);
  return { tokenizer, following: textOf(tokens, tokenizer) };
}

/** The drafts, each ended where what follows the cursor goes on best. */
export async function rescore(
  drafts: readonly Draft[],
  rescoring: Following,
  session: Session,
  isLate: () => boolean,
  decoding: Decoding,
): Promise<Rescored> {
  const { healed, from, trace } = decoding;
  const written = drafts.filter((draft) => healed.length < draft.text.length && reaches(draft, from));
  const ends = written.map((draft) => [draft, ...earlierEnds(draft, decoding)]);
  const others = drafts.filter((draft) => !written.includes(draft));
  const all = ends.flat();
  // One draft with one end is what it is.
  if (all.length < 2 || isLate()) return { drafts: [...written.sort(byLogProb), ...others], read: 0 };
  const { logProbs, read } = await scoreFollowing(all, rescoring, session, decoding);
  const scored = all.map((draft, index) => ({ ...draft, following: logProbs[index]! }));
  let next = 0;
  const chosen = ends.map(({ length }): Draft => {
    const [whole, ...earlier] = scored.slice(next, (next += length)) as [Draft, ...Draft[]];
    const best = earlier.reduce((one, other) => (isLikelier(other, one) ? other : one), whole);
    if (best === whole) return whole;
    const gained = likelihoodOf(best) - likelihoodOf(whole);
    const [text, kept] = [whole.text.slice(healed.length), best.text.slice(healed.length)];
    trace({ kind: 'rescored', text, kept, gained });
    return { ...best, ending: 'joins' };
  });
  return { drafts: [...chosen.sort((a, b) => likelihoodOf(b) - likelihoodOf(a)), ...others], read };
}

function byLogProb(one: Draft, other: Draft): number {
  return other.logProb - one.logProb;
}

function isLikelier(one: Draft, other: Draft): boolean {
  return likelihoodOf(other) < likelihoodOf(one);
}

/** The draft with its first line alone, with its first two, and so on, as far as they may stand so. */
function earlierEnds(draft: Draft, decoding: Decoding): readonly Draft[] {
  const healed = decoding.healed.length;
  const ends: Draft[] = [];
  const blanks = /^\s*/.exec(draft.text.slice(healed))![0].length;
  let end = draft.text.indexOf('\n', healed + blanks);
  for (; 0 <= end && ends.length < LINES; end = draft.text.indexOf('\n', end + 1)) {
    const keep = withoutReturn(draft.text, end);
    const isBlank = draft.text.slice(0, keep).endsWith('\n');
    if (isBlank || !constraintAt(draft, keep)?.mayEnd()) continue;
    const cut = cutAt(draft, keep);
    if (reaches(cut, decoding.from)) ends.push(cut);
  }
  return ends;
}

function textOf(tokens: readonly TokenId[], { vocabulary }: Tokenizer): string {
  const bytes = tokens.map((token) => vocabulary.bytesOf(token));
  // A code point that the last token leaves open does not count.
  return new TextDecoder().decode(Buffer.concat(bytes), { stream: true });
}
