/** The one generation in progress: it goes on while what the user types agrees with it, and ends as soon as it does not. */
import { normalize, normalizedText, type CompletionContext } from './completion-context.js';
import type { Document } from './document.js';
import { changeAfter } from './still-typed.js';

/** A generation without a waiting request goes on this long: by then the change that was the cause is known. */
const CHANGE_COMES_WITHIN = 30;
/** ... and after a change that agrees with it this long: the editor's own delay, and the way there. */
const REQUEST_COMES_WITHIN = 300;

/** Text that a generation takes for granted though the document does not hold it: a suggestion not yet accepted. */
export interface Assumption {
  readonly text: string;
  /** The text after the cursor once it is accepted. */
  readonly after: string;
}

export type Followed = 'landed' | 'diverged' | 'cancelled';

/** Starts writing. Hears of cancellation by the signal, reports the text so far, remembers its answer, never rejects. */
export type Run = (signal: AbortSignal, onProgress: (text: string) => void) => Promise<void>;

/** A generation and who waits for it. */
class Flight {
  readonly uri: string;
  /** The text around the cursor when it began, with a selected entry as if it had been accepted. */
  readonly before: string;
  /** What `before` ends with though the document does not hold it: the selected entry of the suggest widget. */
  private readonly selected: string;
  readonly after: string;
  readonly abort = new AbortController();
  readonly watchers = new Set<() => void>();
  readonly landed: Promise<void>;
  progress = '';
  over = false;
  waiting = 0;
  /** Whether the document has changed, in agreement, since a request last asked for this. */
  changed = false;

  constructor(
    context: CompletionContext,
    readonly assumed: Assumption | undefined,
    run: Run,
  ) {
    this.uri = context.document.uri;
    this.before = context.before;
    this.after = context.after;
    this.selected = normalize(context.selected?.text ?? '');
    this.landed = run(this.abort.signal, (text) => {
      this.progress = text;
      for (const watch of this.watchers) watch();
    }).finally(() => {
      this.over = true;
    });
  }

  /** Whether text typed at the cursor is what is being written here, as far as that is known. */
  agreesWith(typed: string): boolean {
    const written = (this.assumed?.text ?? '') + this.progress;
    return written.startsWith(typed) || (!this.over && typed.startsWith(written));
  }

  /** The text between the two sides, when both stand as they did; closers put in by the editor are let through. */
  typedAt(before: string, after: string): string | undefined {
    if (!before.startsWith(this.before)) return undefined;
    const typed = before.slice(this.before.length);
    const unchanged = changeAfter(this.after, after, typed.length) !== undefined;
    const accepted =
      this.assumed !== undefined && changeAfter(this.assumed.after, after, typed.length) !== undefined;
    return unchanged || accepted ? typed : undefined;
  }

  /**
   * The cursor is not known here: whatever stands between the two sides has been typed, or put in by the editor. Of a
   * selected entry the document holds what has been typed of it, however much that is by now.
   */
  fits(document: Document): boolean {
    const text = normalizedText(document);
    const start = this.before.length - this.selected.length;
    if (!text.startsWith(this.before.slice(0, start))) return false;
    return [this.after, ...(this.assumed ? [this.assumed.after] : [])].some((after) => {
      const end = text.length - after.length;
      if (end < start || !text.endsWith(after)) return false;
      const typed = text.slice(start, end);
      return this.isWritten(typed) || this.isWritten(typed.replace(/[)\]}>"'`]+$/, ''));
    });
  }

  /** As `agreesWith`, for text that stands where the selected entry would. */
  private isWritten(typed: string): boolean {
    const { selected } = this;
    return typed.length < selected.length
      ? selected.startsWith(typed)
      : typed.startsWith(selected) && this.agreesWith(typed.slice(selected.length));
  }
}

export type { Flight };

/** Owner of the generation in progress. `schedule` runs an action later; tests decide when. */
export class Flights {
  private current: Flight | undefined;

  constructor(private readonly schedule: (ms: number, action: () => void) => void) {}

  /** Starts a generation in place of the current one. */
  start(context: CompletionContext, assumed: Assumption | undefined, run: Run): Flight {
    this.abort();
    this.current = new Flight(context, assumed, run);
    return this.current;
  }

  /** The generation whose answer will hold at the cursor, as far as can be known now. */
  agreeing(context: CompletionContext): Flight | undefined {
    const flight = this.running();
    if (flight?.uri !== context.document.uri) return undefined;
    const typed = flight.typedAt(context.before, context.after);
    const reached = typed !== undefined && (flight.assumed?.text.length ?? 0) <= typed.length;
    return reached && flight.agreesWith(typed) ? flight : undefined;
  }

  /** Whether a generation is in progress, awaited or not. */
  isBusy(): boolean {
    return this.running() !== undefined;
  }

  /** Whether a request waits for the generation in progress. */
  isAwaited(): boolean {
    return 0 < (this.running()?.waiting ?? 0);
  }

  /** Waits until a generation lands, or writes what the user did not type, or the request is cancelled. */
  async follow(flight: Flight, context: CompletionContext, signal: AbortSignal): Promise<Followed> {
    const typed = context.before.slice(flight.before.length);
    const left = new AbortController();
    flight.waiting++;
    flight.changed = false;
    const followed = await Promise.race<Followed>([
      flight.landed.then(() => 'landed'),
      divergence(flight, typed, left.signal),
      abortion(signal, left.signal),
    ]);
    left.abort();
    flight.waiting--;
    if (followed === 'cancelled') this.abandoned(flight);
    return followed;
  }

  /** The text of a document has changed: a generation that no longer fits it ends. */
  documentChanged(document: Document): void {
    const flight = this.running();
    if (flight?.uri !== document.uri) return;
    if (flight.fits(document)) flight.changed = true;
    else this.abort();
  }

  /** Nobody can ask in this document any more. */
  documentClosed(uri: string): void {
    if (this.current?.uri === uri) this.abort();
  }

  /** Ends the generation, whatever it writes. */
  abort(): void {
    this.current?.abort.abort();
    this.current = undefined;
  }

  private running(): Flight | undefined {
    if (this.current?.over) this.current = undefined;
    return this.current;
  }

  /** A request was cancelled: by a keystroke that agrees, then another request is on its way; else nobody wants this. */
  private abandoned(flight: Flight): void {
    const endUnless = (wanted: () => boolean) => {
      if (flight.waiting === 0 && !wanted() && this.running() === flight) this.abort();
    };
    this.schedule(CHANGE_COMES_WITHIN, () => {
      endUnless(() => flight.changed);
    });
    this.schedule(CHANGE_COMES_WITHIN + REQUEST_COMES_WITHIN, () => {
      endUnless(() => false);
    });
  }
}

function divergence(flight: Flight, typed: string, left: AbortSignal): Promise<'diverged'> {
  return new Promise((resolve) => {
    const watch = () => {
      if (!flight.agreesWith(typed)) resolve('diverged');
    };
    flight.watchers.add(watch);
    left.addEventListener('abort', () => flight.watchers.delete(watch), { once: true });
  });
}

function abortion(signal: AbortSignal, left: AbortSignal): Promise<'cancelled'> {
  return new Promise((resolve) => {
    const abort = () => {
      resolve('cancelled');
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true, signal: left });
  });
}
