/** A writer without a model: it writes what a script says, piece by piece, and keeps what it was asked. */
import type {
  Written,
  WriteOutcome,
  WriteRequest,
  Writer,
} from '../../language-server/decoding/write-request.js';
import type { Engine } from '../../language-server/completion/engine.js';

export interface Rule {
  /** Holds when the text before the cursor ends with this. */
  readonly after: string;
  /** ... and the prompt holds this. */
  readonly inPrompt?: string;
  readonly drafts: readonly string[];
  /** Tokens of the first draft with their log-probabilities; else each draft is one token. */
  readonly tokens?: readonly (readonly [text: string, logProb: number])[];
}

export interface ScriptedWriter extends Writer {
  readonly requests: WriteRequest[];
  /** Requests that were cancelled while they were answered. */
  cancelled: number;
}

const cost = { promptTokens: 7, reusedTokens: 5, steps: 3, promptMs: 1, decodeMs: 2, totalMs: 3 };
const PIECE = 3;

/** The first rule that holds answers; without one, the model has nothing to say. `step` is awaited before each piece. */
export function scriptedWriter(
  rules: readonly Rule[],
  step: () => Promise<void> = () => Promise.resolve(),
): ScriptedWriter {
  const requests: WriteRequest[] = [];
  const writer: ScriptedWriter = {
    requests,
    cancelled: 0,
    async write(request, signal, onProgress): Promise<WriteOutcome> {
      requests.push(request);
      const prompt = request.prompt.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
      const rule = rules.find(
        ({ after, inPrompt = '' }) => request.program.before.endsWith(after) && prompt.includes(inPrompt),
      );
      const [first = ''] = rule?.drafts ?? [];
      for (let length = PIECE; length < first.length + PIECE; length += PIECE) {
        await step();
        if (signal.aborted) {
          writer.cancelled++;
          return { drafts: [], silence: { reason: 'cancelled', detail: 'Cancelled.' }, cost, trace: [] };
        }
        onProgress?.(first.slice(0, length));
      }
      const drafts = (rule?.drafts ?? []).slice(0, request.drafts).map(asWritten);
      const [likeliest] = drafts;
      if (likeliest && rule?.tokens) drafts[0] = withTokens(likeliest, rule.tokens);
      if (0 < drafts.length) return { drafts, cost, trace: [] };
      const silence = { reason: 'ended-at-once', detail: 'The model would end the text here.' } as const;
      return { drafts, silence, cost, trace: [] };
    },
  };
  return writer;
}

function asWritten(text: string, index: number): Written {
  return {
    text,
    tokens: [{ token: 1, text, logProb: -1 - index, exit: 30 }],
    logProb: -1 - index,
    ending: 'line',
  };
}

function withTokens(draft: Written, scored: NonNullable<Rule['tokens']>): Written {
  const tokens = scored.map(([text, logProb]) => ({ token: 1, text, logProb, exit: 30 }));
  return { ...draft, tokens, logProb: scored.reduce((sum, [, logProb]) => sum + logProb, 0) };
}

/** A model that can only continue, without markup of its own. */
export function engineOf(writer: Writer): Extract<Engine, { kind: 'ready' }> {
  const none = { before: '', after: '' };
  const prompt = { fillInTheMiddle: null, path: none, snippet: none };
  return { kind: 'ready', writer, model: { name: 'scripted', identity: 'scripted', device: 'none', prompt } };
}
