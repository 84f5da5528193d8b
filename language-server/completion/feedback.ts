/** What became of shown suggestions: accepted is known from the item's command, all else inferred from the text. */
import { normalize, normalizedText, type CompletionContext } from './completion-context.js';
import type { Document } from './document.js';
import type { Completion } from './present.js';

export interface Verdict {
  readonly kind: 'accepted' | 'partly accepted' | 'rejected';
  readonly item: string;
  /** Whether it follows from changes of the document alone. */
  readonly inferred: boolean;
}

/** Shown for less, a suggestion has hardly been seen (Continue: 500 ms). */
const SEEN = 500;
/** Rejections older than this no longer count (Cody: 5 min). */
const FORGET_AFTER = 5 * 60_000;

interface Shown {
  readonly uri: string;
  readonly before: string;
  readonly after: string;
  readonly items: readonly { readonly id: string; readonly text: string; readonly lines: number }[];
  readonly since: number;
  readonly typed: string;
  /** Shown with an entry of the suggest widget highlighted: typing on narrows the entries and refuses nothing. */
  readonly withEntry: boolean;
}

/** Where a suggestion was accepted, until the text there changes. */
interface Accepted {
  readonly uri: string;
  readonly before: string;
  readonly oneLine: boolean;
}

/** Owner of what is shown. Times are milliseconds of any clock that only goes forward. */
export class Feedback {
  private shown: Shown | undefined;
  private acceptedHere: Accepted | undefined;
  private rejections = 0;
  private lastRejection = -Infinity;
  private lastUri = '';
  /** Seen in the text; the item's command, when the client runs it, comes right after. */
  private unconfirmed: Verdict | undefined;

  constructor(private readonly report: (verdict: Verdict) => void) {}

  /** Items are on the screen. Those that were there already, typed into, go on being shown. */
  show(context: CompletionContext, items: readonly Completion[], now: number): void {
    this.settle();
    const { uri } = context.document;
    const goesOn = this.shown?.uri === uri && items[0]?.id === this.shown.items[0]?.id;
    this.shown = {
      uri,
      before: context.before,
      after: context.after,
      items: items.map(({ id, text }) => {
        const inserted = normalize(text).slice(context.selected?.text.length ?? 0);
        return { id, text: inserted, lines: inserted.split('\n').length };
      }),
      since: goesOn ? this.shown!.since : now,
      typed: '',
      withEntry: context.selected !== undefined,
    };
  }

  /** The item's command has run. */
  accept(item: string): void {
    if (this.unconfirmed?.item === item) this.unconfirmed = undefined;
    this.settle();
    this.report({ kind: 'accepted', item, inferred: false });
    this.rejections = 0;
    this.shown = undefined;
  }

  documentChanged(document: Document, now: number): void {
    this.settle();
    this.acceptedHere = undefined;
    const { shown } = this;
    if (shown?.uri !== document.uri) return;
    const typed = typedInto(shown, document);
    if (typed === shown.typed) return;
    const whole = shown.items.find((item) => typed !== undefined && typed === item.text);
    const part = shown.items.find((item) => typed !== undefined && item.text.startsWith(typed));
    const atOnce = (typed?.length ?? 0) - shown.typed.length;
    if (whole) {
      // The last letter of a suggestion may as well have been typed.
      if (1 < atOnce) this.unconfirmed = { kind: 'accepted', item: whole.id, inferred: true };
      this.rejections = 0;
      this.acceptedHere = { uri: shown.uri, before: shown.before + whole.text, oneLine: whole.lines === 1 };
      this.shown = undefined;
    } else if (part) {
      if (1 < atOnce) {
        this.report({ kind: 'partly accepted', item: part.id, inferred: true });
        this.rejections = 0;
      }
      this.shown = { ...shown, typed: typed! };
    } else this.dismiss(now);
  }

  /** Rejections in a row, as far as they still count for this file. */
  rejectionsIn(uri: string, now: number): number {
    if (uri !== this.lastUri || FORGET_AFTER < now - this.lastRejection) this.rejections = 0;
    this.lastUri = uri;
    return this.rejections;
  }

  /** Whether a suggestion of one line has been accepted right here and nothing was typed since. */
  oneLineAcceptedAt({ document, before }: CompletionContext): boolean {
    const accepted = this.acceptedHere;
    return accepted?.uri === document.uri && accepted.oneLine && accepted.before === before;
  }

  /** No command has come for what looked like an accept. */
  private settle(): void {
    if (this.unconfirmed) this.report(this.unconfirmed);
    this.unconfirmed = undefined;
  }

  /** Something else was typed than what was shown. */
  private dismiss(now: number): void {
    const { shown } = this;
    this.shown = undefined;
    if (!shown?.items[0] || shown.withEntry || now - shown.since < SEEN) return;
    this.report({ kind: 'rejected', item: shown.items[0].id, inferred: true });
    this.rejections = this.rejectionsIn(shown.uri, now) + 1;
    this.lastRejection = now;
  }
}

/** What stands where the suggestion was shown; undefined when the text around it is no longer the same. */
function typedInto({ before, after, items }: Shown, document: Document): string | undefined {
  const text = normalizedText(document);
  if (!text.startsWith(before)) return undefined;
  const rest = text.slice(before.length);
  // An accepted item may have replaced closers that followed; typing an opener may have added one.
  const item = items.find((candidate) => rest.startsWith(candidate.text));
  if (item && after.endsWith(rest.slice(item.text.length))) return item.text;
  const end = rest.length - after.length;
  if (end < 0 || !rest.endsWith(after)) return undefined;
  const typed = rest.slice(0, end);
  return items.some(({ text: suggested }) => suggested.startsWith(typed))
    ? typed
    : typed.replace(/[)\]}>"'`]+$/, '');
}
