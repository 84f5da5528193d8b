/** Whether the user is filling the holes of an accepted suggestion: until then nothing new is suggested there. */
import type { CompletionContext } from './completion-context.js';
import type { Document } from './document.js';
import { hasHoles, holeAtEnd } from './read-holes.js';
import type { Completion } from './present.js';

/** Editors do not tell when snippet mode ends by Escape: after so long without a change it has, in milliseconds. */
const OVER_AFTER = 30_000;

/** A suggestion with holes, and the document around it as it will be once the suggestion is accepted. */
interface Offered {
  readonly id: string;
  readonly uri: string;
  readonly before: string;
  readonly after: string;
  readonly text: string;
  /** A hole at the very end: standing there does not mean that all is filled. */
  readonly open: boolean;
}

/** Owner of what is being filled. Times are milliseconds of any clock that only goes forward. */
export class Filling {
  private offered: Offered | undefined;
  private current: (Offered & { readonly changed: number }) | undefined;

  /** Items are on the screen. */
  show(document: Document, items: readonly Completion[]): void {
    const item = items.find(({ snippet }) => snippet !== undefined && hasHoles(snippet));
    this.offered = item && {
      id: item.id,
      uri: document.uri,
      before: document.text.slice(0, item.start),
      after: document.text.slice(item.end),
      text: item.text,
      open: holeAtEnd(item.snippet!),
    };
  }

  /** The item's command has run. */
  accept(item: string, now: number): void {
    if (this.offered?.id === item) this.begin(now);
  }

  /** The change that inserts a suggestion may come, and a request after it, before the item's command. */
  documentChanged({ uri, text }: Document, now: number): void {
    const { offered, current } = this;
    if (offered?.uri === uri && text === offered.before + offered.text + offered.after) this.begin(now);
    else if (current?.uri === uri)
      this.current = inside(current, text) ? { ...current, changed: now } : undefined;
  }

  documentClosed(uri: string): void {
    if (this.current?.uri === uri) this.current = undefined;
    if (this.offered?.uri === uri) this.offered = undefined;
  }

  /** Ends with the caret outside what was inserted, or at its end, where the last stop is, or after a while. */
  isAt({ document, offset }: CompletionContext, now: number): boolean {
    const { current } = this;
    if (current?.uri !== document.uri) return false;
    const end = document.text.length - current.after.length;
    const stands = current.before.length <= offset && (current.open ? offset <= end : offset < end);
    if (stands && inside(current, document.text) && now - current.changed < OVER_AFTER) return true;
    this.current = undefined;
    return false;
  }

  private begin(now: number): void {
    this.current = this.offered && { ...this.offered, changed: now };
    this.offered = undefined;
  }
}

/** Whether a text differs from the accepted one in the suggestion's own line alone. */
function inside({ before, after }: Offered, text: string): boolean {
  const end = text.length - after.length;
  if (end < before.length || !text.startsWith(before) || !text.endsWith(after)) return false;
  return !/[\r\n]/.test(text.slice(before.length, end));
}
