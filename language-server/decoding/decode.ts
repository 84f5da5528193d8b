/** The decoding loop: look, judge, grow, until every draft has ended. */
import type { Constraint } from '../constraints/constraint.js';
import type { Cancellation } from '../inference/cancellation.js';
import type { ExitPolicy, LanguageModel, Reading, Session, Step } from '../inference/model.js';
import type { TokenId, Vocabulary } from '../tokens/vocabulary.js';
import type { BackingUp } from './aligned/backing-up.js';
import type { Answers } from './answers.js';
import type { Choice } from './choice.js';
import type { Draft } from './draft.js';
import { finish, type EndingRule } from './finish.js';
import { grow } from './grow.js';
import type { TraceEntry } from './write-request.js';

/** All that one decoding goes by. */
export interface Decoding {
  readonly prompt: readonly TokenId[];
  readonly vocabulary: Vocabulary;
  /** Holds from the end of the prompt on: first the healed text, if any, then what follows the cursor. */
  readonly constraint: Constraint;
  /** Text before the cursor that drafts spell once more. */
  readonly healed: string;
  readonly policy: ExitPolicy;
  readonly choose: Choice;
  /** Drafts to write: the first growth beyond the healed text has so many children, all others have one. */
  readonly width: number;
  readonly endingRule: EndingRule;
  readonly maxTokens: number;
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
  readonly reading: Reading;
  readonly decodeMs: number;
}

/** Writes drafts. @throws Cancelled when cancelled; EngineFailure when the engine breaks. */
export async function decode(decoding: Decoding, model: LanguageModel): Promise<Decoded> {
  // What is asked at the cursor is answered while the prompt is read.
  decoding.answers.prefetch(decoding.constraint, 0);
  using session = await model.open(decoding.prompt, decoding.cancellation);
  const start = performance.now();
  let drafts: readonly Draft[] = [emptyDraft(session, decoding.constraint)];
  let steps = 0;
  while (drafts.some((draft) => !draft.ending)) {
    const open = drafts.filter((draft) => !draft.ending);
    const forwards = await session.forward(
      open.map((draft) => nextStep(draft, decoding.prompt)),
      decoding.policy,
    );
    steps++;
    const isLate = decoding.isLate(performance.now() - start);
    const grown = new Map<Draft, readonly Draft[]>();
    for (const [index, draft] of open.entries()) {
      const forward = forwards[index]!;
      const children =
        forward.kind === 'stopped'
          ? [{ ...draft, ending: 'uncertain' } as const]
          : await grow(draft, forward, siblings(draft, decoding), drafts.indexOf(draft), decoding);
      grown.set(
        draft,
        children.map((child) => finish(child, isLate, decoding)),
      );
    }
    drafts = drafts.flatMap((draft) => grown.get(draft) ?? [draft]);
    decoding.onStep(drafts);
  }
  return {
    drafts: [...drafts].sort((a, b) => b.logProb - a.logProb),
    steps,
    reading: session.reading,
    decodeMs: performance.now() - start,
  };
}

function emptyDraft(session: Session, constraint: Constraint): Draft {
  return {
    tokens: [],
    text: '',
    heldBack: new Uint8Array(0),
    logProb: 0,
    removed: 0,
    takenBack: 0,
    constraint,
    branch: session.root,
  };
}

/** Drafts part ways at the first token beyond the healed text, which they share however they spell it. */
function siblings({ text, heldBack }: Draft, { healed, width }: Decoding): number {
  return text.length <= healed.length && heldBack.length === 0 ? width : 1;
}

function nextStep(draft: Draft, prompt: readonly TokenId[]): Step {
  return { after: draft.branch, input: [[draft.tokens.at(-1)?.token ?? prompt.at(-1)!, 1]] };
}
