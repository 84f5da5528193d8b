/** From a request to drafts: prompt, constraint and endings are put together here, and the loop runs. */
import { anything } from '../constraints/constraint.js';
import { mustSpell } from '../constraints/must-spell.js';
import { Cancelled, type Cancellation } from '../inference/cancellation.js';
import { cappedAt, fullDepth } from '../inference/exit-policies.js';
import type { LanguageModel } from '../inference/model.js';
import { encodePrompt } from '../tokens/encode-prompt.js';
import type { Tokenizer } from '../tokens/vocabulary.js';
import { Answers, type Ask } from './answers.js';
import { greedy, sampled } from './choice.js';
import { decode, type Decoded } from './decode.js';
import type { Draft } from './draft.js';
import { endingRule } from './endings/ending-rule.js';
import { isBlank, placeOf } from './endings/place.js';
import { heal } from './healing.js';
import type { TraceEntry, WriteOutcome, WriteRequest, WriteSilence, Written } from './write-request.js';

/** What the worker has loaded. */
export interface Writing {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly ask: Ask;
  readonly cancellation: Cancellation;
  /** Hears the first draft's text so far. */
  readonly onProgress: (text: string) => void;
}

/** A question to an analysis server is worth this long a wait: about ten tokens. */
const ANSWER_MS = 150;

/** Writes drafts for one request. @throws EngineFailure when the engine breaks. */
export async function write(request: WriteRequest, writing: Writing): Promise<WriteOutcome> {
  const start = performance.now();
  const { model, tokenizer } = writing;
  const trace: TraceEntry[] = [];
  const tell = (entry: TraceEntry): void => void trace.push(entry);
  const encoded = encodePrompt(request.prompt, tokenizer);
  if (!encoded || encoded.length === 0 || encoded.length >= model.maxTokens) {
    return nothing(
      'prompt-too-long',
      'The text around the cursor does not fit into the prompt.',
      start,
      trace,
    );
  }
  const healed = heal(encoded, request.program.before, tokenizer.vocabulary);
  if (healed.text !== '') tell({ kind: 'note', text: `Spells ${JSON.stringify(healed.text)} once more.` });
  const place = placeOf(request.program);
  const { sampling, budgetMs } = request;
  try {
    const decoded = await decode(
      {
        prompt: healed.prompt,
        vocabulary: tokenizer.vocabulary,
        constraint: mustSpell(healed.text, anything),
        healed: healed.text,
        policy: request.exit === undefined ? fullDepth : cappedAt(request.exit),
        choose: sampling && request.drafts > 1 ? sampled(sampling.temperature, sampling.seed) : greedy,
        width: request.drafts,
        endingRule: endingRule({ place, shape: shapeOf(request), healed: healed.text.length }),
        maxTokens: Math.min(request.maxTokens, model.maxTokens - healed.prompt.length),
        isLate: (decodeMs) => budgetMs !== undefined && decodeMs > budgetMs,
        answers: new Answers(writing.ask, ANSWER_MS, tell),
        cancellation: writing.cancellation,
        trace: tell,
        onStep: ([first]) => {
          writing.onProgress(first!.text.slice(healed.text.length));
        },
      },
      model,
    );
    return outcome(decoded, healed.text.length, start, trace);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    return nothing('cancelled', 'The request was cancelled.', start, trace);
  }
}

/** Several lines on an empty line or right after what opens a block; elsewhere the rest of the line. */
function shapeOf({ shape, program }: WriteRequest): 'line' | 'statement' {
  if (shape !== 'by-syntax') return shape;
  const { lineBefore, lineAfter } = placeOf(program);
  const mayBeLong = isBlank(lineAfter) && (isBlank(lineBefore) || /[:{]\s*$/.test(lineBefore));
  return mayBeLong ? 'statement' : 'line';
}

function outcome(
  decoded: Decoded,
  healed: number,
  start: number,
  trace: readonly TraceEntry[],
): WriteOutcome {
  const texts = new Set<string>();
  const drafts = decoded.drafts
    .map((draft) => written(draft, healed))
    .filter((draft) => !isBlank(draft.text) && !texts.has(draft.text) && texts.add(draft.text));
  const { promptTokens, reusedTokens, promptMs } = decoded.reading;
  const cost = {
    promptTokens,
    reusedTokens,
    steps: decoded.steps,
    promptMs,
    decodeMs: decoded.decodeMs,
    totalMs: performance.now() - start,
  };
  if (drafts.length > 0) return { drafts, cost, trace };
  return { drafts, silence: silenceOf(decoded.drafts[0]!), cost, trace };
}

/** The draft as data, without the text that stood before the cursor. */
function written({ tokens, text, logProb, ending }: Draft, healed: number): Written {
  let hidden = healed;
  const shown = tokens.map((token) => {
    const cut = Math.min(hidden, token.text.length);
    hidden -= cut;
    return cut === 0 ? token : { ...token, text: token.text.slice(cut) };
  });
  return { text: text.slice(healed), tokens: shown, logProb, ending: ending! };
}

function silenceOf({ ending }: Draft): WriteSilence {
  if (ending === 'dead-end') {
    return { reason: 'dead-end', detail: 'Nothing that the model would write is allowed here.' };
  }
  if (ending === 'time' || ending === 'length') {
    return { reason: 'no-time', detail: 'The budget ran out before anything was complete.' };
  }
  return { reason: 'ended-at-once', detail: 'The model would write nothing here.' };
}

function nothing(
  reason: WriteSilence['reason'],
  detail: string,
  start: number,
  trace: readonly TraceEntry[],
): WriteOutcome {
  const cost = { promptTokens: 0, reusedTokens: 0, steps: 0, promptMs: 0, decodeMs: 0 };
  return {
    drafts: [],
    silence: { reason, detail },
    cost: { ...cost, totalMs: performance.now() - start },
    trace,
  };
}
