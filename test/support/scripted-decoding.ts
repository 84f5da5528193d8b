/** Runs the decode loop on a toy vocabulary and a scripted model: tests say only what matters to them. */
import { anything } from '../../language-server/constraints/constraint.js';
import { mustSpell } from '../../language-server/constraints/must-spell.js';
import { BackingUp } from '../../language-server/decoding/aligned/backing-up.js';
import { Answers, askNobody, type Ask } from '../../language-server/decoding/answers.js';
import { greedy } from '../../language-server/decoding/choice.js';
import { firstToken } from '../../language-server/decoding/drafting/first-token.js';
import { decode, type Decoded, type Decoding } from '../../language-server/decoding/decode.js';
import { noDoubt } from '../../language-server/decoding/doubt/doubt.js';
import type { Draft } from '../../language-server/decoding/draft.js';
import type { TraceEntry } from '../../language-server/decoding/write-request.js';
import { never } from '../../language-server/inference/cancellation.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import type { ExitPolicy, LanguageModel } from '../../language-server/inference/model.js';
import { scriptedModel } from './scripted-model.js';
import { toyToken, toyTokenizer } from './toy-vocabulary.js';

/** What the model finds likely after a text: spelled tokens and their probabilities. */
export type TextScript = (written: string) => Readonly<Record<string, number>>;

export interface ScriptedRun extends Decoded {
  readonly trace: readonly TraceEntry[];
  /** Steps in each batch. */
  readonly batches: readonly number[];
  /** How deep each batch was to go. */
  readonly depths: readonly ExitPolicy[];
  readonly texts: readonly string[];
  /** The drafts after each step. */
  readonly history: readonly (readonly Draft[])[];
}

export async function runScript(
  spellings: readonly (string | Uint8Array)[],
  script: TextScript,
  options: Partial<Omit<Decoding, 'answers'>> & { readonly ask?: Ask; readonly answerMs?: number } = {},
  how: (decoding: Decoding, model: LanguageModel) => Promise<Decoded> = decode,
): Promise<ScriptedRun> {
  const { vocabulary } = toyTokenizer(spellings);
  const spelled = (tokens: readonly number[]): string =>
    Buffer.concat(tokens.map((token) => vocabulary.bytesOf(token))).toString('utf8');
  const model = scriptedModel(
    vocabulary,
    (written) =>
      new Map(Object.entries(script(spelled(written))).map(([text, p]) => [toyToken(vocabulary, text), p])),
  );
  const trace: TraceEntry[] = [];
  const history: (readonly Draft[])[] = [];
  const tell = (entry: TraceEntry): void => void trace.push(entry);
  const healed = options.healed ?? '';
  const decoded = await how(
    {
      prompt: [1],
      vocabulary,
      constraint: healed === '' ? anything : mustSpell(healed),
      healed,
      after: '',
      leastClosing: undefined,
      ahead: undefined,
      policy: fullDepth,
      depth: fullDepth,
      doubt: noDoubt,
      choose: greedy,
      width: 1,
      drafting: firstToken,
      endingRule: () => [],
      endsWithLine: false,
      commentSigns: [],
      maxTokens: 20,
      patience: 4096,
      isLate: () => false,
      backingUp: new BackingUp({ exponent: 0, seed: 0, chosenAbove: 0.5, mostRemoved: 1, mostTakenBack: 0 }),
      answers: new Answers({
        ask: options.ask ?? askNobody,
        deadlineMs: options.answerMs ?? 1000,
        trace: tell,
      }),
      cancellation: never,
      trace: tell,
      onStep: (drafts) => void history.push(drafts),
      ...options,
    },
    model,
  );
  return {
    ...decoded,
    trace,
    batches: model.batches,
    depths: model.depths,
    texts: decoded.drafts.map((draft) => draft.text),
    history,
  };
}
