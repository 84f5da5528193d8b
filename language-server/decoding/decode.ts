/** The decoding loop: look, judge, grow, until every draft has ended. */
import type { Constraint } from '../constraints/constraint.js';
import type { Cancellation } from '../inference/cancellation.js';
import type { ExitPolicy, Forward, LanguageModel, Reading, Speculated } from '../inference/model.js';
import { speculating } from '../inference/speculation/speculative-model.js';
import type { Alphabet } from '../inference/speculation/guesses.js';
import type { TokenId, Vocabulary } from '../tokens/vocabulary.js';
import type { BackingUp } from './aligned/backing-up.js';
import type { Answers } from './answers.js';
import { firstDraft, type Beginning } from './beginning.js';
import type { Choice } from './choice.js';
import type { Stopping } from './cut.js';
import type { Doubt } from './doubt/doubt.js';
import type { Draft } from './draft.js';
import { mixtureOf, type Drafting } from './drafting/drafting.js';
import { exactOnes, readAgain, type ReadAgain } from './drafting/read-again.js';
import { closeLikeliest } from './closing/close.js';
import { finish, type EndingRule } from './finish.js';
import type { Following } from './following/score.js';
import { rescore, type Rescored } from './rescoring/rescoring.js';
import type { ReadingCost, TraceEntry } from './write-request.js';

/** All that one decoding goes by. */
export interface Decoding extends Stopping {
  readonly prompt: readonly TokenId[];
  readonly vocabulary: Vocabulary;
  /** A beginning to go on from: its tokens follow the prompt, and its text counts as written. */
  readonly from?: Beginning;
  /** Holds from the end of the prompt, or of that beginning, on: first the healed text, if any, then what follows the cursor. */
  readonly constraint: Constraint;
  /** Text after the cursor that the model does not see; undefined where its prompt tells what follows. */
  readonly after: string | undefined;
  /** Its beginning, which endings can be judged by; undefined where nothing so follows, or there is no room to read it. */
  readonly following?: Following | undefined;
  /** What is known of tokens where a single draft is read ahead; undefined: it is not. */
  readonly ahead: Alphabet | undefined;
  readonly policy: ExitPolicy;
  /** How deep drafts are read to be judged or closed: never stops. */
  readonly depth: ExitPolicy;
  /** When drafts stop because they may well be wrong. */
  readonly doubt: Doubt;
  readonly choose: Choice;
  /** Most drafts to write, and the way of writing several. */
  readonly width: number;
  readonly drafting: Drafting;
  readonly endingRule: EndingRule;
  /** The end of the text is no choice: a draft ends with its line, or is interrupted (see `within-line.ts`). */
  readonly endsWithLine: boolean;
  /** What begins a comment after the cursor's line: before one, the end of the text is a choice nevertheless. */
  readonly commentSigns: readonly string[];
  /** What finished drafts are judged by once more; undefined: they stay as they are. */
  readonly rescoring?: Following | undefined;
  readonly maxTokens: number;
  /** Tokens tried for one growth before a draft is given up; a legal one this unlikely would be noise. */
  readonly patience: number;
  /** Of these, tokens tried for further choices once there is one; left out: all. */
  readonly moreTries?: number;
  /**
   * How likely a draft of which nothing may stand has to be closed and followed by the text after the cursor; undefined:
   * none is.
   */
  readonly leastClosing: number | undefined;
  /** Whether the budget of time is spent, so many milliseconds after reading the prompt. */
  readonly isLate: (decodeMs: number) => boolean;
  readonly answers: Answers;
  /** When drafts go back, and what is known of dead ends. */
  readonly backingUp: BackingUp;
  readonly cancellation: Cancellation;
  readonly trace: (entry: TraceEntry) => void;
  /** Hears the drafts after each step. */
  readonly onStep: (drafts: readonly Draft[]) => void;
}

export interface Decoded {
  /** Likeliest first; all have ended. */
  readonly drafts: readonly Draft[];
  /** Runs of the network after the prompt. */
  readonly steps: number;
  /** Tokens that were guessed to follow, and those of them that did; left out where the model guesses none. */
  readonly speculated?: Speculated | undefined;
  readonly reading: Reading;
  readonly decodeMs: number;
  /** What reading drafts again cost that shared rows, where there were some; part of `decodeMs`. */
  readonly readAgain?: ReadingCost | undefined;
  /** What judging the drafts once more cost, where it was done; part of `decodeMs`. */
  readonly rescored?: ReadingCost | undefined;
}

/** Writes drafts. @throws Cancelled when cancelled; EngineFailure when the engine breaks. */
export async function decode(decoding: Decoding, model: LanguageModel): Promise<Decoded> {
  // What is asked at the cursor is answered while the prompt is read.
  decoding.answers.prefetch(decoding.constraint, 0);
  const begun = decoding.from?.tokens.map(({ token }) => token) ?? [];
  const { ahead, width } = decoding;
  // Several drafts go different ways at once: what is guessed for one is soon in vain.
  const reader = ahead && width === 1 ? speculating(model, ahead) : model;
  using session = await reader.open([...decoding.prompt, ...begun], decoding.cancellation);
  const { drafting, prompt, policy } = decoding;
  const start = performance.now();
  let drafts: readonly Draft[] = [firstDraft(session, decoding.constraint, decoding.from)];
  let steps = 0;
  while (drafts.some((draft) => !draft.ending)) {
    const rows = drafting.rows(drafts.filter((draft) => !draft.ending));
    const inputs = rows.map((row) => ({ after: row[0]!.branch, input: mixtureOf(row, prompt.at(-1)!) }));
    const forwards = await session.forward(inputs, policy);
    if (forwards.some((forward) => !isKnown(forward))) steps++;
    const isLate = decoding.isLate(performance.now() - start);
    const heard = new Map(
      rows.flatMap((row, index) => row.map((draft) => [draft, forwards[index]!] as const)),
    );
    const grown = await drafting.grow(drafts, heard, decoding);
    const before = new Set(drafts);
    const finished = grown.map((draft) => (before.has(draft) ? draft : finish(draft, isLate, decoding)));
    drafts = await drafting.settle(finished, session, decoding);
    decoding.onStep(drafts);
  }
  const isLate = (): boolean => decoding.isLate(performance.now() - start);
  const closed = await closeLikeliest(drafts, session, isLate, decoding);
  steps += closed.steps;
  const writtenMs = performance.now() - start;
  // A shared row says neither how likely one of its drafts is nor what follows it.
  const exact: ReadAgain = isLate()
    ? { drafts: exactOnes(closed.drafts, decoding.trace), read: 0 }
    : await readAgain(closed.drafts, session, decoding);
  const exactMs = performance.now() - start;
  const { rescoring } = decoding;
  let rescored: Rescored | undefined;
  if (rescoring && !isLate()) rescored = await rescore(exact.drafts, rescoring, session, isLate, decoding);
  const decodeMs = performance.now() - start;
  return {
    drafts: rescored?.drafts ?? [...exact.drafts].sort((a, b) => b.logProb - a.logProb),
    steps,
    ...(session.speculated && { speculated: session.speculated }),
    reading: session.reading,
    decodeMs,
    ...(exact.read > 0 && { readAgain: { tokens: exact.read, ms: exactMs - writtenMs } }),
    ...(rescored && { rescored: { tokens: rescored.read, ms: decodeMs - exactMs } }),
  };
}

/** Whether it took no run of the network, since the token had been guessed. */
function isKnown(forward: Forward): boolean {
  return forward.kind === 'logits' && forward.wasGuessed === true;
}
