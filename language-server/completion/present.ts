/** From drafts to suggestions: what is shown of each, in the order in which the filters judge it. */
import type { Written } from '../decoding/write-request.js';
import type { CompletionContext } from './completion-context.js';
import { cutToJoin } from './cut-to-join.js';
import type { Filter } from './filters/filter.js';
import { fitIndentation } from './filters/fit-indentation.js';
import { fitLineSuffix } from './filters/fit-line-suffix.js';
import { plainLineEnds } from './filters/plain-line-ends.js';
import { dropRepetition } from './filters/repetition.js';
import { stopAtSuffix } from './filters/stop-at-suffix.js';
import { dropTooLittle } from './filters/too-little.js';
import { dropTrailingSpace } from './filters/trailing-space.js';
import { ranked } from './rank-drafts.js';
import { meaningOf } from './same-meaning.js';
import type { Silence } from './silence.js';

const filters: readonly Filter[] = [
  plainLineEnds,
  fitIndentation,
  stopAtSuffix,
  dropRepetition,
  dropTrailingSpace,
  dropTooLittle,
];

/** A draft as it may be shown at one place. Texts have `\n` as their only line end. */
export interface Suggestion {
  readonly id: string;
  readonly text: string;
  /** Characters after the cursor, on its line, that the text replaces because it writes them itself. */
  readonly replaced: number;
  readonly draft: Written;
}

/** What the user sees. Offsets are in the document; the range lies on the cursor's line. */
export interface Completion {
  readonly id: string;
  /** With the document's line ends. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly draft: Written;
  /** With holes, in the editor's notation; `text` is then what is shown before anything is filled in. */
  readonly snippet?: string;
}

/** Runs a draft's text through all filters, one after the other. */
export function filterText(text: string, context: CompletionContext): string | Silence {
  let kept: string | Silence = text;
  for (const filter of filters) {
    kept = filter(kept, context);
    if (typeof kept !== 'string') return kept;
  }
  return kept;
}

export type Presented =
  | { readonly suggestions: readonly Suggestion[]; readonly silence?: undefined }
  | { readonly suggestions: readonly []; readonly silence: Silence };

/** The drafts that may be shown, nothing said twice; or why the first of them may not. `idOf` names the nth draft. */
export function present(
  drafts: readonly Written[],
  context: CompletionContext,
  idOf: (index: number) => string,
): Presented {
  const suggestions: Suggestion[] = [];
  let first: Silence | undefined;
  for (const [index, draft] of ranked(drafts).entries()) {
    const kept = filterText(draft.text, context);
    const filtered = typeof kept === 'string' ? cutToJoin(kept, draft) : kept;
    if (typeof filtered !== 'string') {
      first ??= filtered;
      continue;
    }
    const fitted = fitLineSuffix(filtered, context);
    const isNew = !suggestions.some(({ text }) => meaningOf(text) === meaningOf(fitted.text));
    if (isNew) suggestions.push({ id: idOf(index), ...fitted, draft });
  }
  if (0 < suggestions.length) return { suggestions };
  const nothing: Silence = { reason: 'ended-at-once', detail: 'The model had nothing to add here.' };
  return { suggestions: [], silence: first ?? nothing };
}

/** A suggestion in the terms of the document. */
export function toCompletion(suggestion: Suggestion, context: CompletionContext): Completion {
  const { id, text, replaced, draft } = suggestion;
  const whole = (context.selected?.text ?? '') + text;
  return {
    id,
    text: context.endOfLine === '\n' ? whole : whole.replaceAll(/\r?\n/g, '\r\n'),
    start: context.start,
    end: context.end + replaced,
    draft,
  };
}
