/**
 * Closes a draft of which no beginning may stand where it is.
 *
 * The model never saw the text after the cursor, so what it writes mostly goes on where that text already stands. From
 * every place of the draft it is asked for tokens that close, and for others that it finds likely; of all texts so
 * written that join, the one is kept after which the model finds the text after the cursor likeliest. The search is for
 * the highest P(closing, first token after the cursor | draft up to where it is left), best first; more tokens after the
 * cursor decide among the best few.
 */
import type { Session } from '../../inference/model.js';
import { normaliserOf } from '../../tokens/log-probabilities.js';
import type { Decoding } from '../decode.js';
import { isEstimated, type Draft } from '../draft.js';
import { BestEnds, type End } from './best-ends.js';
import { Frontier, mayStand, type Closing } from './frontier.js';
import { waysAfter, type Ways } from './ways.js';

/** Runs of the network at most, each of a batch: in all, and where something that is likely enough was found. */
const MOST_RUNS = { inAll: 16, enough: 8 };

/**
 * The drafts; where none of them ended where it wanted to, with the likeliest closed, if it can be.
 * @returns with them, the runs of the network that it took.
 */
export async function closeLikeliest(
  drafts: readonly Draft[],
  session: Session,
  isLate: () => boolean,
  decoding: Decoding,
): Promise<{ readonly drafts: readonly Draft[]; readonly steps: number }> {
  const isUnmet = ({ lost, text }: Draft): boolean =>
    lost !== undefined || text.slice(decoding.healed.length).trim() === '';
  // Rows that several drafts share do not tell how one of them would be closed.
  const isExact = ({ lost }: Draft): boolean => lost !== undefined && !isEstimated(lost);
  const [likeliest] = drafts.filter(isExact).sort((a, b) => b.logProb - a.logProb);
  const { leastClosing } = decoding;
  if (leastClosing === undefined || !likeliest?.lost || !drafts.every(isUnmet)) return { drafts, steps: 0 };
  const { draft, steps } = await close(likeliest.lost, leastClosing, session, isLate, decoding);
  return { drafts: draft ? drafts.with(drafts.indexOf(likeliest), draft) : drafts, steps };
}

interface Closed {
  /** Undefined where nothing joins, or the model finds it too unlikely. */
  readonly draft?: Draft;
  readonly steps: number;
}

/** @param lost what was written, with why it ended. */
async function close(
  lost: Draft,
  leastClosing: number,
  session: Session,
  isLate: () => boolean,
  decoding: Decoding,
): Promise<Closed> {
  const { after, vocabulary } = decoding;
  const frontier = new Frontier(decoding);
  const ends = new BestEnds();
  const reach = (closing: Closing, ways: Ways, except?: number): void => {
    const score = closing.logProb + Math.log(ways.follows);
    if (ends.wants(score) && mayStand(closing.draft, decoding)) ends.add({ ...closing, score });
    frontier.add(closing, ways, except);
  };
  for (const [at, next] of placesOf(lost, decoding))
    reach({ draft: at, from: at.tokens.length, logProb: 0 }, at.ways, next);
  let steps = 0;
  const least = Math.log(leastClosing);
  while (
    steps < (least <= ends.score ? MOST_RUNS.enough : MOST_RUNS.inAll) &&
    ends.score < frontier.best &&
    !isLate()
  ) {
    const closings = await frontier.take(isLate);
    if (closings.length === 0 || isLate()) break;
    const inputs = closings.map(({ draft }) => ({
      after: draft.branch,
      input: [[draft.tokens.at(-1)!.token, 1]] as const,
    }));
    const forwards = await session.forward(inputs, decoding.depth);
    steps++;
    for (const [index, closing] of closings.entries()) {
      const spoken = forwards[index]!;
      if (spoken.kind === 'stopped') continue;
      reach(closing, waysAfter(spoken, normaliserOf(spoken.logits), after, vocabulary));
    }
  }
  const { end, steps: more } = await ends.best(isLate() ? Infinity : least, session, decoding);
  const draft = end && kept(end, lost, least, decoding);
  return { steps: steps + more, ...(draft && { draft }) };
}

/** The places of a draft, and the token with which it went on after each. */
function* placesOf(
  lost: Draft,
  { healed, from }: Decoding,
): Generator<readonly [Draft & { readonly ways: Ways }, number | undefined]> {
  let next: number | undefined;
  // What an earlier decoding has written stands on rows that are gone.
  const first = from?.tokens.length ?? 0;
  for (let at: Draft | undefined = lost; at; at = at.previous) {
    if (at.text.length < healed.length || at.tokens.length < first) return;
    if (at.ways) yield [{ ...at, ways: at.ways }, next];
    next = at.tokens.at(-1)?.token;
  }
}

/** @param least the score that is enough. */
function kept(
  { draft, from, score }: End,
  lost: Draft,
  least: number,
  { healed, worsens, trace }: Decoding,
): Draft | undefined {
  const isEnough = least <= score;
  const text = draft.text.slice(healed.length);
  const closed = JSON.stringify(text);
  if (isEnough && worsens?.(text)) {
    trace({ kind: 'note', text: `Not closed as ${closed}: the file would have more errors than it has.` });
    return undefined;
  }
  const chance = `${(Math.exp(score) * 100).toPrecision(2)} %`;
  const kept = isEnough ? 'Closed as' : 'Too unlikely to be closed as';
  trace({
    kind: 'note',
    text: `${kept} ${closed}, from token ${from} of ${lost.tokens.length} on, by ${chance} with what follows.`,
  });
  return isEnough ? { ...draft, ending: lost.ending! } : undefined;
}
