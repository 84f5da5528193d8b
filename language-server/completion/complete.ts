/** The pipeline: from a document and a cursor to completions, or to the reason for none. */
import type { Cost, TraceEntry } from '../decoding/write-request.js';
import type { Settings } from '../protocol.js';
import { askModel, type ReadyEngine } from './ask-model.js';
import { gatherContext, type CompletionContext, type Place } from './completion-context.js';
import type { Wait } from './debounce.js';
import type { Document } from './document.js';
import type { Engine } from './engine.js';
import { Feedback, type Verdict } from './feedback.js';
import { Filling } from './filling.js';
import { Flights } from './flight.js';
import type { LocalOdds } from './local-odds.js';
import { contextAfterAccept } from './next-after-accept.js';
import { ReadAhead } from './read-ahead.js';
import { Pacing } from './pacing.js';
import { toCompletion, type Completion, type Suggestion } from './present.js';
import { meaningOf } from './same-meaning.js';
import { cancelled, isLasting, silence, type Silence } from './silence.js';
import { StickySnippets, type Neighbors } from './snippets.js';
import { placeOf, RecentAnswers, type Remembered } from './still-typed.js';
import { worthAsking } from './worth-asking.js';

export interface Completions {
  /** One for an automatic request, several for an explicit one; the first is the likeliest. */
  readonly items: readonly Completion[];
  /** Present when there are no items. */
  readonly silence?: Silence;
  /** Who was asked: the model, what it has written before, or nobody. */
  readonly source: 'model' | 'memory' | 'nobody';
  readonly cost: Cost;
  readonly trace: readonly TraceEntry[];
}

/** What the pipeline needs from outside. All are asked anew for each request. */
export interface Services {
  readonly engine: () => Engine;
  readonly settings: () => Settings;
  readonly neighbors: () => Neighbors;
  readonly wait: Wait;
  /** Runs an action after so many milliseconds. */
  readonly schedule: (ms: number, action: () => void) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Hears what became of suggestions. */
  readonly judged: (verdict: Verdict) => void;
  /** What suggestions on this machine tell of the chances of others; undefined: nothing yet. */
  readonly local?: () => LocalOdds | undefined;
  /** What to offer in place of suggestions, such as some with holes, or why nothing; absent: they stay as they are. */
  readonly offer?: Offer;
  /** Takes lines for the log, of what happens without a request. */
  readonly log: (line: string) => void;
  /** Hears that the engine has broken down while it was asked. */
  readonly failed: (error: unknown) => void;
}

export type Offer = (
  items: readonly Completion[],
  context: CompletionContext,
  settings: Settings,
  signal: AbortSignal,
) => Promise<readonly Completion[] | Silence>;

/** Suggestions on their way to `Completions`. */
interface Found extends Omit<Completions, 'items'> {
  readonly suggestions: readonly Suggestion[];
}

const noCost: Cost = { promptTokens: 0, reusedTokens: 0, steps: 0, promptMs: 0, decodeMs: 0, totalMs: 0 };

/** Owner of all that is remembered between requests. */
export class Completer {
  private readonly recent = new RecentAnswers();
  private readonly snippets = new StickySnippets();
  private readonly flights: Flights;
  private readonly feedback: Feedback;
  private readonly filling = new Filling();
  readonly ahead: ReadAhead;
  private readonly pacing: Pacing;
  private latest = 0;
  private answers = 0;

  constructor(private readonly services: Services) {
    this.flights = new Flights(services.schedule);
    this.feedback = new Feedback(services.judged);
    this.pacing = new Pacing(services.wait);
    const { engine, settings, neighbors, log } = services;
    const isBusy = () => this.flights.isBusy();
    this.ahead = new ReadAhead({ engine, settings, neighbors, snippets: this.snippets, isBusy, log });
  }

  /** Answers a request. Never rejects for anything that a text, a model or a clock can cause. */
  async complete(place: Place, signal: AbortSignal): Promise<Completions> {
    const request = ++this.latest;
    const context = gatherContext(place);
    const settings = this.services.settings();
    const found = await this.find(context, settings, signal, () => request === this.latest);
    const items = itemsOf(found, context);
    const { offer } = this.services;
    // That the model had nothing to say here counts too, for promises about how often it is wrong.
    const isAnswer =
      0 < items.length || (found.source === 'model' && found.silence && isLasting(found.silence));
    const offered = offer && isAnswer ? await offer(items, context, settings, signal) : items;
    if (signal.aborted) return none(found.silence ?? cancelled, found);
    return 'reason' in offered ? none(offered, found) : this.show(found, offered, context, settings);
  }

  /** The text of a document has changed. */
  documentChanged(document: Document): void {
    const now = this.services.now();
    this.pacing.keystroke(now);
    this.flights.documentChanged(document);
    this.feedback.documentChanged(document, now);
    this.filling.documentChanged(document, now);
    this.ahead.documentChanged(document);
  }

  documentClosed(uri: string): void {
    this.flights.documentClosed(uri);
    this.filling.documentClosed(uri);
  }

  accepted(item: string): void {
    this.feedback.accept(item);
    this.filling.accept(item, this.services.now());
  }

  /** Settings or engine are others now: what was answered before no longer holds. */
  forget(): void {
    this.recent.forget();
    this.flights.abort();
  }

  /** The steps in their order; each may end the request. */
  private async find(
    context: CompletionContext,
    settings: Settings,
    signal: AbortSignal,
    isLatest: () => boolean,
  ): Promise<Found> {
    const quiet =
      worthAsking(context, settings) ?? this.beingFilled(context) ?? this.justAccepted(context, settings);
    if (quiet) return nothing(quiet);

    const known = this.recall(context, settings);
    if (known) return known;

    const engine = this.services.engine();
    if (engine.kind !== 'ready') return nothing(whyNoEngine(engine));

    const flight = this.flights.agreeing(context);
    if (flight) {
      const followed = await this.flights.follow(flight, context, signal);
      if (followed === 'cancelled') return nothing(cancelled);
      const landed = this.recall(context, settings);
      if (landed) return landed;
    }

    const rejections = this.feedback.rejectionsIn(context.document.uri, this.services.now());
    const tired = await this.pacing.pause(context, settings, rejections, signal, isLatest);
    return tired ? nothing(tired) : this.ask(context, settings, engine, signal);
  }

  private beingFilled(context: CompletionContext): Silence | undefined {
    if (context.mode === 'explicit' || !this.filling.isAt(context, this.services.now())) return undefined;
    return silence('snippet', 'The holes of an accepted suggestion are being filled.');
  }

  private justAccepted(context: CompletionContext, settings: Settings): Silence | undefined {
    if (context.mode === 'explicit' || settings.prepareNext) return undefined;
    if (!this.feedback.oneLineAcceptedAt(context)) return undefined;
    return silence('just-accepted', 'A suggestion has been accepted right here.');
  }

  /** What is left of an earlier answer, when it is all that this request may ask for. */
  private recall(context: CompletionContext, settings: Settings): Found | undefined {
    const known = this.recent.find(context);
    if (!known || (context.mode === 'explicit' && !isWhole(known, settings))) return undefined;
    const { suggestions } = known;
    const source = { source: 'memory', cost: noCost, trace: [] } as const;
    return { suggestions, ...(known.silence && { silence: known.silence }), ...source };
  }

  private async ask(
    context: CompletionContext,
    settings: Settings,
    engine: ReadyEngine,
    signal: AbortSignal,
  ): Promise<Found> {
    let found = nothing(cancelled);
    const flight = this.flights.start(context, undefined, async (abort, onProgress) => {
      found = await this.write(context, settings, engine, abort, onProgress);
    });
    const followed = await this.flights.follow(flight, context, signal);
    return followed === 'cancelled' ? nothing(cancelled) : found;
  }

  /** One generation, remembered. What an automatic request has shown before stays the first of several. */
  private async write(
    context: CompletionContext,
    settings: Settings,
    engine: ReadyEngine,
    signal: AbortSignal,
    onProgress: (text: string) => void,
  ): Promise<Found> {
    const began = this.services.now();
    const answer = ++this.answers;
    const several = context.mode === 'explicit';
    const shown = several ? (this.recent.find(context)?.suggestions ?? []) : [];
    try {
      const neighbors = this.services.neighbors();
      const snippets = await this.snippets.gather(context, neighbors, settings.promptTokens);
      if (signal.aborted) return nothing(cancelled);
      const drafts = several ? settings.drafts : 1;
      const idOf = (index: number) => `${answer}.${index}`;
      const { folders, open } = neighbors;
      const local = this.services.local?.();
      const question = { context, settings, folders, open, snippets, drafts, idOf, local };
      const asked = await askModel(question, engine, signal, onProgress);
      if (!several) this.pacing.generated(this.services.now() - began, !signal.aborted);
      const suggestions = unlike(shown, asked.suggestions).slice(0, Math.max(settings.drafts, shown.length));
      const why = suggestions.length === 0 ? asked.silence : undefined;
      const told = { suggestions, ...(why && { silence: why }) };
      if (!why || isLasting(why)) {
        this.recent.remember({ ...placeOf(context), ...told, complete: several });
      }
      return { ...told, source: 'model', cost: asked.cost, trace: asked.trace };
    } catch (error) {
      if (signal.aborted) return nothing(cancelled);
      this.services.failed(error);
      return nothing(silence('unavailable', error instanceof Error ? error.message : String(error)));
    }
  }

  /** Notes what is shown, and has the next suggestion prepared. */
  private show(
    found: Found,
    items: readonly Completion[],
    context: CompletionContext,
    settings: Settings,
  ): Completions {
    if (items.length === 0) {
      const rest = silence('blank', 'Nothing would be left of the suggestion.');
      return none(found.silence ?? rest, found);
    }
    this.feedback.show(context, items, this.services.now());
    this.filling.show(context.document, items);
    if (settings.prepareNext) this.prepareNext(context, items[0]!, settings);
    const { source, cost, trace } = found;
    return { items, source, cost, trace };
  }

  private prepareNext(context: CompletionContext, item: Completion, settings: Settings): void {
    const engine = this.services.engine();
    const next = contextAfterAccept(context, item);
    if (engine.kind !== 'ready' || this.flights.isAwaited() || this.flights.agreeing(next)) return;
    if (worthAsking(next, settings) || this.recent.find(next)) return;
    const assumed = { text: next.before.slice(context.before.length), after: next.after };
    this.flights.start(context, assumed, async (abort, onProgress) => {
      await this.write(next, settings, engine, abort, onProgress);
    });
  }
}

/** What was found, in the document's terms. */
function itemsOf({ suggestions }: Found, context: CompletionContext): readonly Completion[] {
  return suggestions
    .slice(0, context.mode === 'automatic' ? 1 : undefined)
    .map((suggestion) => toCompletion(suggestion, context))
    .filter((item) => changes(item, context));
}

/** Whether asking again could add anything to an answer. */
function isWhole({ answer, suggestions }: Remembered, settings: Settings): boolean {
  return answer.complete || (settings.drafts <= 1 && 0 < suggestions.length);
}

function unlike(first: readonly Suggestion[], others: readonly Suggestion[]): readonly Suggestion[] {
  return [
    ...first,
    ...others.filter(({ text }) => !first.some((known) => meaningOf(known.text) === meaningOf(text))),
  ];
}

/** Whether accepting would change the document. */
function changes({ text, start, end }: Completion, { document, selected }: CompletionContext): boolean {
  return selected !== undefined || document.text.slice(start, end) !== text;
}

function whyNoEngine(engine: Exclude<Engine, ReadyEngine>): Silence {
  if (engine.kind === 'unavailable') return silence('unavailable', `${engine.problem} ${engine.remedy}`);
  return silence('loading', `${engine.what} (${Math.round(engine.fraction * 100)} %)`);
}

function nothing(why: Silence): Found {
  return { suggestions: [], silence: why, source: 'nobody', cost: noCost, trace: [] };
}

/** The answer to a request that the pipeline cannot even begin with. */
export function noCompletions(why: Silence): Completions {
  return none(why, nothing(why));
}

function none(why: Silence, { source, cost, trace }: Omit<Found, 'suggestions'>): Completions {
  return { items: [], silence: why, source, cost, trace };
}
