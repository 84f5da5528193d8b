/** What is known about the cursor when a completion is asked for: a plain record, gathered once. */
import type { Document } from './document.js';
import { detectIndentation, type Indentation } from './indentation.js';

/** `automatic`: while typing, with all manners. `explicit`: the user asked, so only correctness counts. */
export type Mode = 'automatic' | 'explicit';

/** The highlighted entry of the suggest widget: an item must begin with its text and replace its range. */
export interface Selected {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface CompletionContext {
  readonly document: Document;
  readonly mode: Mode;
  /** Where the cursor stands in the document. */
  readonly offset: number;
  /** Where an item begins to replace text, and where the text in `after` begins; both are `offset` mostly. */
  readonly start: number;
  readonly end: number;
  readonly selected?: Selected;
  /**
   * The text to continue, with `\n` as the only line end and no byte order mark. It ends with the text of the
   * selected entry, when there is one, as if that had been accepted already.
   */
  readonly before: string;
  /** The text that follows, likewise. */
  readonly after: string;
  /** The parts of the cursor's own line. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
  readonly endOfLine: '\n' | '\r\n';
  readonly indentation: Indentation;
}

export interface Place {
  readonly document: Document;
  readonly offset: number;
  readonly mode: Mode;
  readonly selected?: Selected;
}

export function gatherContext({ document, offset, mode, selected }: Place): CompletionContext {
  const { text } = document;
  const start = selected?.start ?? offset;
  const end = selected?.end ?? offset;
  const whole = normalizedText(document);
  const upToStart = normalize(text.slice(0, start));
  const before = upToStart + normalize(selected?.text ?? '');
  // Between the two lies at most the cursor's own line, so what follows has the same length from either end.
  const after = whole.slice(upToStart.length + end - start);
  return {
    document,
    mode,
    offset,
    start,
    end,
    ...(selected && { selected }),
    ...around(before, after),
    endOfLine: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/** The parts of a context that follow from the text around the cursor alone. */
export function around(
  before: string,
  after: string,
): Pick<CompletionContext, 'before' | 'after' | 'linePrefix' | 'lineSuffix' | 'indentation'> {
  const lineEnd = after.indexOf('\n');
  return {
    before,
    after,
    linePrefix: before.slice(before.lastIndexOf('\n') + 1),
    lineSuffix: lineEnd < 0 ? after : after.slice(0, lineEnd),
    indentation: detectIndentation(before, after),
  };
}

/** The form in which models, grammars and filters see text. */
export function normalize(text: string): string {
  const marked = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return marked.includes('\r') ? marked.replaceAll(/\r\n?/g, '\n') : marked;
}

const normalized = new WeakMap<Document, string>();

/** The whole text of a document in that form; computed once. */
export function normalizedText(document: Document): string {
  const known = normalized.get(document);
  if (known !== undefined) return known;
  const text = normalize(document.text);
  normalized.set(document, text);
  return text;
}
