/** What became of promised suggestions: looks, some time later, at the line that a person wrote in their place. */
import { normalize } from './completion-context.js';
import type { Document } from './document.js';

/**
 * `kept`: accepted, and all that was shown as sure still stands. `changed`: accepted, and it does not. `written`: not
 * accepted, but written so all the same. `rejected`: not accepted, and something else was written. `silent`: nothing
 * was shown, so nothing could be wrong.
 */
export type Fate = 'kept' | 'changed' | 'written' | 'rejected' | 'silent';

/** How long a line is left to its author before it is looked at, in milliseconds. */
export const LOOK_AFTER = 2 * 60_000;

/** A promised suggestion, or a place at which there was nothing to promise. */
export interface Promised {
  readonly document: Document;
  /** Where the suggestion stands or would stand, in the document. */
  readonly start: number;
  /** The id of the suggestion; those of other forms of it begin with the same. */
  readonly id: string;
  /**
   * Whether what a person wrote between two texts is allowed by what was shown; undefined when that cannot be told.
   * Absent: nothing was shown.
   */
  readonly allows?: (before: string, written: string, after: string) => boolean | undefined;
  /** Hears the fate, once; never when there is none to tell, as for a line that was left as it was. */
  readonly tell: (fate: Fate) => void;
}

interface Watched extends Promised {
  /** Offsets move with the text before them. */
  readonly at: number;
  readonly line: number;
  /** What stood on the line behind the suggestion. */
  readonly rest: string;
  readonly accepted: boolean;
}

/** Owner of the places being watched: one a line, the first. */
export class Aftermath {
  private watched: readonly Watched[] = [];
  private readonly texts = new Map<string, string>();

  constructor(private readonly schedule: (ms: number, action: () => void) => void) {}

  watch(promised: Promised): void {
    const { document, start, id, tell, allows } = promised;
    const { uri, text } = document;
    // A document that has changed since is no place to begin from.
    if ((this.texts.get(uri) ?? text) !== text) return;
    const line = lineStart(text, start);
    if (this.watched.some((one) => one.document.uri === uri && one.line === line)) return;
    this.texts.set(uri, text);
    const rest = restOfLine(text, start);
    this.watched = [...this.watched, { ...promised, at: start, line, rest, accepted: false }];
    // A line is counted once, so one where nothing was shown is watched too.
    if (!allows) tell('silent');
    this.schedule(LOOK_AFTER, () => {
      this.end((other) => other.id === id && other.document.uri === uri);
    });
  }

  accepted(item: string): void {
    this.watched = this.watched.map((one) =>
      item === one.id || item.startsWith(`${one.id}.`) ? { ...one, accepted: true } : one,
    );
  }

  documentChanged({ uri, text }: Document): void {
    const old = this.texts.get(uri);
    if (old === undefined || old === text) return;
    this.texts.set(uri, text);
    const change = changeBetween(old, text);
    this.watched = this.watched.flatMap((one) => {
      if (one.document.uri !== uri) return [one];
      const at = moved(one.at, change);
      if (at !== undefined) return [{ ...one, at, line: lineStart(text, at) }];
      // The place itself is gone. Of an accepted suggestion that was taken out again nothing was kept.
      if (one.accepted && change.inserted === 0 && one.allows) one.tell('changed');
      return [];
    });
  }

  documentClosed(uri: string): void {
    this.end((one) => one.document.uri === uri);
    this.texts.delete(uri);
  }

  private end(isOver: (one: Watched) => boolean): void {
    const over = this.watched.filter(isOver);
    this.watched = this.watched.filter((one) => !isOver(one));
    for (const one of over) {
      const fate = this.fateOf(one);
      if (fate) one.tell(fate);
    }
    for (const uri of this.texts.keys())
      if (!this.watched.some((one) => one.document.uri === uri)) this.texts.delete(uri);
  }

  private fateOf({ document, at, rest, accepted, allows }: Watched): Fate | undefined {
    const text = this.texts.get(document.uri) ?? document.text;
    const written = restOfLine(text, at);
    if (!allows || (!accepted && written === rest)) return undefined;
    const line = written.trimEnd();
    const allowed = allows(normalize(text.slice(0, at)), line, normalize(text.slice(at + line.length)));
    if (allowed === undefined) return undefined;
    if (accepted) return allowed ? 'kept' : 'changed';
    return allowed ? 'written' : 'rejected';
  }
}

interface Change {
  readonly start: number;
  readonly removed: number;
  readonly inserted: number;
}

/** The smallest run of characters that, replaced, makes one text of the other. */
function changeBetween(old: string, text: string): Change {
  const shorter = Math.min(old.length, text.length);
  let start = 0;
  while (start < shorter && old.charCodeAt(start) === text.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < shorter - start &&
    old.charCodeAt(old.length - 1 - same) === text.charCodeAt(text.length - 1 - same)
  )
    same++;
  return { start, removed: old.length - start - same, inserted: text.length - start - same };
}

/** Where an offset is after a change; undefined when the change reaches across it. */
function moved(at: number, { start, removed, inserted }: Change): number | undefined {
  if (at <= start) return at;
  return start + removed <= at ? at + inserted - removed : undefined;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function restOfLine(text: string, at: number): string {
  return /^[^\r\n]*/.exec(text.slice(at))![0];
}
