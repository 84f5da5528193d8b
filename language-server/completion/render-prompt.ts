/** From a context to the prompt that a model reads. What changes with each keystroke stands last. */
import type { Prompt, PromptPart } from '../tokens/prompt.js';
import { asComment } from '../../syntax/comment-marks.js';
import type { CompletionContext } from './completion-context.js';
import type { Marker, PromptFormat } from './engine.js';
import { windowAfter, windowBefore } from './prompt-window.js';

/** A piece of another file. */
export interface Snippet {
  /** Path for the reader, relative to the workspace. */
  readonly path: string;
  readonly languageId: string;
  readonly text: string;
}

/** Code has about three characters to a token; what does not fit after all is trimmed once the tokens are known. */
export const CHARACTERS_PER_TOKEN = 3;
/** Shares of the prompt. Without text after the cursor its share goes to the text before. */
const AFTER_SHARE = 0.2;
export const SNIPPETS_SHARE = 0.2;

/**
 * Three layouts. A model that can fill in reads suffix, prefix, middle, or prefix, suffix, middle if it knows no other
 * order; one that can only continue never sees the text after the cursor. Where it may, the text before the cursor ends
 * the prompt.
 */
export function renderPrompt(
  context: CompletionContext,
  path: string,
  snippets: readonly Snippet[],
  format: PromptFormat,
  maxTokens: number,
): Prompt {
  const characters = maxTokens * CHARACTERS_PER_TOKEN;
  const others = snippets.reduce((sum, { text }) => sum + text.length, 0);
  const { fillInTheMiddle: fill } = format;
  const after = fill ? windowAfter(context.after, Math.floor(characters * AFTER_SHARE)) : '';
  // Budgets in whole shares: what snippets and suffix leave over must not move the window as they change in size.
  const share = 1 - (fill ? AFTER_SHARE : 0) - (0 < others ? SNIPPETS_SHARE : 0);
  const before = windowBefore(context.before, Math.floor(characters * share));

  const head = [
    ...snippets.flatMap((snippet) => snippetParts(snippet, context.document.languageId, format.snippet)),
    ...pathParts(path, context.document.languageId, format.path),
  ];
  const text: PromptPart = { kind: 'text', text: before, trim: 'start' };
  const start = format.begin === undefined ? [] : [special(format.begin)];
  const parts = fill
    ? filling(fill, head, text, { kind: 'text', text: after, trim: 'end' })
    : [...head, text];
  return { parts: joined([...start, ...parts]), maxTokens };
}

function filling(
  fill: NonNullable<PromptFormat['fillInTheMiddle']>,
  head: readonly PromptPart[],
  before: PromptPart,
  after: PromptPart,
): readonly PromptPart[] {
  const [prefix, suffix, middle] = [special(fill.prefix), special(fill.suffix), special(fill.middle)];
  if (fill.order !== 'prefix-first') return [suffix, after, prefix, ...head, before, middle];
  // Files that are set apart by markup stand ahead of the one that is filled in; comments belong to its text.
  const isMarked = head.some((part) => part.kind === 'special');
  return isMarked
    ? [...head, prefix, before, suffix, after, middle]
    : [prefix, ...head, before, suffix, after, middle];
}

function pathParts(path: string, languageId: string, marker: Marker): readonly PromptPart[] {
  if (path === '') return [];
  if (isEmpty(marker)) return [plain(`${asComment(path, languageId)}\n`)];
  return [...markup(marker.before), plain(path), ...markup(marker.after)];
}

function snippetParts(snippet: Snippet, languageId: string, marker: Marker): readonly PromptPart[] {
  const text = snippet.text.trimEnd();
  if (isEmpty(marker)) return [plain(`${asComment(`${snippet.path}:\n${text}`, languageId)}\n\n`)];
  return [...markup(marker.before), plain(snippet.path), ...markup(marker.after), plain(`${text}\n`)];
}

function isEmpty({ before, after }: Marker): boolean {
  return before === '' && after === '';
}

/** Markup is text with special tokens written by their text: `<file_sep>`, `<|file|>`. */
function markup(text: string): readonly PromptPart[] {
  return text
    .split(/(<\|?\w+\|?>)/)
    .filter((piece) => piece !== '')
    .map((piece) => (/^<\|?\w+\|?>$/.test(piece) ? special(piece) : plain(piece)));
}

function special(name: string): PromptPart {
  return { kind: 'special', name };
}

function plain(text: string): PromptPart {
  return { kind: 'text', text };
}

/** Neighbouring untrimmed texts as one: tokens may span what was two. Empty texts are left out. */
function joined(parts: readonly PromptPart[]): readonly PromptPart[] {
  const whole: PromptPart[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (part.kind === 'text' && part.text === '') continue;
    if (part.kind === 'text' && last?.kind === 'text' && part.trim === undefined && last.trim === undefined) {
      whole[whole.length - 1] = plain(last.text + part.text);
    } else whole.push(part);
  }
  return whole;
}
