/** From a request to drafts: prompt, constraint and endings are put together here, and the loop runs. */
import { anything, both } from '../constraints/constraint.js';
import { mustSpell } from '../constraints/must-spell.js';
import { Cancelled, type Cancellation } from '../inference/cancellation.js';
import type { LanguageModel } from '../inference/model.js';
import { encodePrompt } from '../tokens/encode-prompt.js';
import { commentSigns } from '../../syntax/comment-marks.js';
import type { TokenId, Tokenizer } from '../tokens/vocabulary.js';
import { BackingUp, type BackingUpSettings } from './aligned/backing-up.js';
import { alphabetOf } from './alphabet.js';
import { Answers, type Ask } from './answers.js';
import { writeChecked } from './check-drafts.js';
import type { Stopping } from './cut.js';
import { decode, type Decoded, type Decoding } from './decode.js';
import type { StopModel } from './doubt/stop-model.js';
import type { Draft } from './draft.js';
import type { NextToken } from './drafting/shared-row.js';
import { wayOf } from './drafting/ways.js';
import { endingRule, type ShapeRule } from './endings/ending-rule.js';
import { indentedEnds } from './endings/indented-end.js';
import { lineEnds } from './endings/line-end.js';
import { isBlank, placeOf, type Place } from './endings/place.js';
import { syntaxEnds } from './endings/syntax-end.js';
import type { Grammars } from './grammars.js';
import { heal, markupBehind } from './healing.js';
import type { Monitoring } from './monitoring.js';
import { joiningLines } from './joining-lines.js';
import { rescoringBy, RESCORING_ROOM } from './rescoring/rescoring.js';
import { countNgrams } from './ngrams/ngram-counts.js';
import { interpolated } from './ngrams/interpolated.js';
import type { NgramTable } from './ngrams/ngram-table.js';
import { programSyntax, type ProgramSyntax } from './program-syntax.js';
import { silenceOf } from './silence-of.js';
import { isAtLineEnd } from './within-line.js';
import { depthOf, doubtOf, policyOf } from './wishes.js';
import { patienceFor } from './write-anew.js';
import type { TraceEntry, WriteOutcome, WriteRequest, WriteSilence, Written } from './write-request.js';

/** What the worker has loaded. */
export interface Writing {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly grammars: Grammars;
  /** N-grams of code at large, for superposed drafts. */
  readonly ngrams: NgramTable;
  /** How sure one may be of a text, where the bundle tells; or why what it tells cannot be used. */
  readonly stopModel?: StopModel | string | undefined;
  readonly ask: Ask;
  readonly monitoring: Monitoring;
  readonly cancellation: Cancellation;
  /** Hears the first draft's text so far. */
  readonly onProgress: (text: string) => void;
}

/** A question to an analysis server is worth this long a wait while the user types: about ten tokens. */
const ANSWER_MS = 150;
/** ... and this long where there is no budget, as when the user has asked: a server that hangs must not hang us. */
const PATIENT_ANSWER_MS = 5_000;

/** Tokens tried for one growth. */
const PATIENCE = 4096;
/** Where constraints take more than this from one choice, the draft is on a wrong way. */
const MOST_REMOVED = 0.5;
/** Tokens that may be written in vain, as a share of the most that may be written. */
const TAKEN_BACK_SHARE = 0.25;

/** Writes drafts for one request. @throws EngineFailure when the engine breaks. */
export async function write(request: WriteRequest, writing: Writing): Promise<WriteOutcome> {
  const start = performance.now();
  const { model, tokenizer } = writing;
  const { program, budgetMs } = request;
  const trace: TraceEntry[] = [];
  const tell = (entry: TraceEntry): void => void trace.push(entry);
  const silent = (reason: WriteSilence['reason'], detail: string): WriteOutcome =>
    nothing(reason, detail, start, trace);

  const encoded = encodePrompt(request.prompt, tokenizer);
  if (!encoded || encoded.length === 0 || encoded.length >= model.maxTokens) {
    return silent('prompt-too-long', 'The text around the cursor does not fit into the prompt.');
  }
  const healed = heal(encoded, program.before, tokenizer.vocabulary, markupBehind(request.prompt));
  if (healed.text !== '') tell({ kind: 'note', text: `Spells ${JSON.stringify(healed.text)} once more.` });
  using syntax = await syntaxOf(request, healed.text, writing.grammars, tell);
  const kind = syntax?.place.kind;
  if (kind === 'comment' && !request.inComments) return silent('in-comment', 'The cursor is in a comment.');
  if ((kind === 'string' || kind === 'template') && !request.inStrings) {
    return silent('in-string', 'The cursor is in a string.');
  }
  const room = model.maxTokens - healed.prompt.length;
  const isRoom = request.maxTokens + RESCORING_ROOM <= room;
  // How likely the text after the cursor is to be written says nothing of a model that was told it.
  const after = request.fillsIn ? undefined : program.after;
  const following = after !== undefined && isRoom ? rescoringBy(after, tokenizer) : undefined;
  const place = placeOf(program);
  const shape = shapeRule(request, place, syntax);
  try {
    const { monitoring, ask } = writing;
    const isLine = wantsLine(request, place, syntax);
    const answerMs = budgetMs === undefined ? PATIENT_ANSWER_MS : ANSWER_MS;
    const decoding: Decoding = {
      prompt: healed.prompt,
      vocabulary: tokenizer.vocabulary,
      constraint: both(
        both(mustSpell(healed.text), syntax?.constraint ?? anything),
        request.monitors === 'always' ? monitoring.constraint({ ...program, lead: healed.text }) : anything,
      ),
      healed: healed.text,
      worsens: syntax?.worsens,
      after,
      following,
      ahead: request.speculation ? alphabetOf(tokenizer.vocabulary, isLine) : undefined,
      policy: policyOf(request, model, tell),
      depth: depthOf(request, model),
      doubt: doubtOf(
        request,
        { model, vocabulary: tokenizer.vocabulary, stopModel: writing.stopModel },
        syntax,
        healed.text.length,
        tell,
      ),
      width: request.drafts,
      ...wayOf(request, () => nextToken(request, healed.prompt, writing)),
      endingRule: endingRule(shape, place, healed.text.length),
      endsWithLine: request.fillsIn && isLine && isAtLineEnd(place),
      commentSigns: isInCode(place, syntax) ? commentSigns(program.languageId) : [],
      rescoring: request.rescore ? following : undefined,
      leastClosing: request.leastClosing,
      maxTokens: Math.min(request.maxTokens, room),
      patience: PATIENCE,
      isLate: (decodeMs) => budgetMs !== undefined && decodeMs > budgetMs,
      backingUp: new BackingUp(backingUpOf(request)),
      answers: new Answers({ ask, deadlineMs: answerMs, trace: tell }),
      cancellation: writing.cancellation,
      trace: tell,
      onStep: ([first]) => {
        writing.onProgress(first!.text.slice(healed.text.length));
      },
    };
    const decoded =
      request.monitors === 'check'
        ? await writeChecked({
            ...{ decoding, model, monitoring, program },
            errorsWith: syntax?.errorsWith,
            ...patienceFor(budgetMs),
          })
        : await decode(decoding, model);
    return outcome(decoded, decoding, syntax, start, trace);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    return silent('cancelled', 'The request was cancelled.');
  }
}

/** What the grammar knows, where there is one; the trace says why where there is none. */
async function syntaxOf(
  { program, syntax }: WriteRequest,
  healed: string,
  grammars: Grammars,
  tell: (entry: TraceEntry) => void,
): Promise<ProgramSyntax | undefined> {
  const language = await grammars(program.languageId);
  const off = (why: string): void => {
    if (syntax) tell({ kind: 'note', text: `The syntax constraint is off: ${why}.` });
  };
  if ('unusable' in language) {
    off(language.unusable);
    return undefined;
  }
  const known = programSyntax(language, program, healed, syntax);
  if (!known) off('the file is too long');
  else if (known.off !== undefined) off(known.off);
  return known;
}

/** Which token goes with which draft, by code at large and by the code at hand. */
function nextToken(
  { nearby }: WriteRequest,
  prompt: readonly TokenId[],
  { tokenizer, ngrams }: Writing,
): NextToken {
  const texts = nearby.map((text) => tokenizer.encode(text));
  return interpolated([ngrams, countNgrams([prompt, ...texts], ngrams.orders)]);
}

/** `room`: tokens that the model takes beyond the prompt; without enough of them, drafts stay as they are. */
function backingUpOf({ backUp, sampling, maxTokens }: WriteRequest): BackingUpSettings {
  return {
    exponent: backUp,
    seed: sampling?.seed ?? 0,
    chosenAbove: sampling ? 1 : 0.5,
    mostRemoved: MOST_REMOVED,
    mostTakenBack: Math.floor(TAKEN_BACK_SHARE * maxTokens),
  };
}

/**
 * What to write: the rest of the line; or, on an empty line, one statement; or, where a block has just been opened,
 * all of it.
 */
function shapeRule(request: WriteRequest, place: Place, syntax: ProgramSyntax | undefined): ShapeRule {
  if (wantsLine(request, place, syntax)) return (written) => lineEnds(written, place);
  if (!syntax) return (written) => indentedEnds(written, place);
  const wanted = opensBlock(place, syntax) ? 'block' : 'statement';
  return (written) => syntaxEnds(written, syntax.statements, wanted);
}

function wantsLine({ shape }: WriteRequest, place: Place, syntax: ProgramSyntax | undefined): boolean {
  const isEmpty = isBlank(place.lineBefore) && isBlank(place.lineAfter);
  return shape === 'line' || (shape === 'by-syntax' && !isEmpty && !opensBlock(place, syntax));
}

/** Whether what is written at the cursor is no comment already. */
function isInCode({ languageId, lineBefore }: Place, syntax: ProgramSyntax | undefined): boolean {
  if (syntax) return syntax.place.kind === 'code';
  return !commentSigns(languageId).some((sign) => lineBefore.includes(sign));
}

function opensBlock(place: Place, syntax: ProgramSyntax | undefined): boolean {
  return syntax?.place.blockStart ?? (isBlank(place.lineAfter) && /[:{]\s*$/.test(place.lineBefore));
}

function outcome(
  decoded: Decoded,
  stopping: Stopping & Pick<Decoding, 'answers'>,
  syntax: ProgramSyntax | undefined,
  start: number,
  trace: readonly TraceEntry[],
): WriteOutcome {
  const texts = new Set<string>();
  const drafts = decoded.drafts
    .map((draft) => ({
      ...written(draft, stopping.healed.length),
      ...(syntax && { joins: joiningLines(draft, stopping) }),
    }))
    .filter((draft) => !isBlank(draft.text) && !texts.has(draft.text) && texts.add(draft.text));
  const constraintMs = syntax?.constraintMs() ?? 0;
  const waitedMs = stopping.answers.waiting.ms;
  const { promptTokens, reusedTokens, promptMs } = decoded.reading;
  const takenBack = decoded.drafts.reduce((sum, draft) => sum + draft.takenBack, 0);
  const cost = {
    promptTokens,
    reusedTokens,
    steps: decoded.steps,
    ...(decoded.speculated && decoded.speculated.guessed > 0 && { speculated: decoded.speculated }),
    ...(takenBack > 0 && { takenBack }),
    promptMs,
    decodeMs: decoded.decodeMs,
    totalMs: performance.now() - start,
    ...(constraintMs > 0 && { constraintMs }),
    ...(waitedMs > 0 && { waitedMs }),
    ...(decoded.readAgain && { readAgain: decoded.readAgain }),
    ...(decoded.rescored && { rescored: decoded.rescored }),
  };
  if (drafts.length > 1) {
    const judged = drafts.map((draft) =>
      syntax?.breaks(draft.text) ? { ...draft, broken: true as const } : draft,
    );
    return { drafts: judged, cost, trace };
  }
  if (drafts.length > 0) return { drafts, cost, trace };
  return { drafts, silence: silenceOf(decoded.drafts[0]!), cost, trace };
}

/** The draft as data, without the text that stood before the cursor. */
function written({ tokens, text, logProb, removed, following, ending }: Draft, healed: number): Written {
  let hidden = healed;
  const shown = tokens.map((token) => {
    const cut = Math.min(hidden, token.text.length);
    hidden -= cut;
    return cut === 0 ? token : { ...token, text: token.text.slice(cut) };
  });
  const mass = removed > 0 && { removed };
  const judged = following !== undefined && { following };
  return { text: text.slice(healed), tokens: shown, logProb, ...mass, ...judged, ending: ending! };
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
