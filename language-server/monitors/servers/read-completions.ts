/** Completion lists as servers send them, checked and reduced to the names that could be written. */
import { z } from 'zod';
import type { Name, NameKind } from '../questions.js';
import { offsetAt } from './text-change.js';

const position = z.object({ line: z.int(), character: z.int() });
const item = z.object({
  label: z.string(),
  kind: z.int().optional(),
  insertText: z.string().optional(),
  textEdit: z.object({ newText: z.string(), range: z.object({ start: position }).optional() }).optional(),
  /** What accepting would add elsewhere: the import of the name. */
  additionalTextEdits: z.array(z.unknown()).nullish(),
});
const list = z.object({ isIncomplete: z.boolean().optional(), items: z.array(z.unknown()) });

export interface Completions {
  readonly names: readonly Name[];
  /** Whether the server says that there are more. */
  readonly isIncomplete: boolean;
  /** Whether words of the text were listed too: so does a server that has not read the program yet. */
  readonly hasWords: boolean;
}

/** LSP's `CompletionItemKind.Text`: a word that stands somewhere in the text. */
const TEXT = 1;

/** Lists longer than this are no list of what may stand at one place. */
const MOST_ITEMS = 20_000;

/** Undefined for what is no list, or one of absurd length. `before` is the text up to the place. */
export function readCompletions(answer: unknown, before: string): Completions | undefined {
  if (answer === null) return { names: [], isIncomplete: false, hasWords: false };
  const read = list.safeParse(Array.isArray(answer) ? { items: answer } : answer);
  if (!read.success || read.data.items.length > MOST_ITEMS) return undefined;
  const items = read.data.items.flatMap((candidate) => item.safeParse(candidate).data ?? []);
  const known = items.filter(({ kind }) => kind !== TEXT);
  return {
    names: known.filter((one) => !imports(one)).flatMap((one) => nameOf(one, before)),
    isIncomplete: read.data.isIncomplete ?? false,
    hasWords: known.length < items.length,
  };
}

type Item = z.infer<typeof item>;

function imports({ additionalTextEdits }: Item): boolean {
  return additionalTextEdits !== undefined && additionalTextEdits !== null && additionalTextEdits.length > 0;
}

function nameOf(completion: Item, before: string): readonly Name[] {
  const { label, kind, insertText, textEdit } = completion;
  const text = textEdit ? written(textEdit, before) : (insertText ?? label.replace(/[?(].*$/s, ''));
  return text === '' ? [] : [{ text, kind: kinds[kind ?? 0] ?? 'other' }];
}

/**
 * What an edit writes from the place on: some replace the dot, too. One that puts something else for what stands before
 * the place, as `?.` for `.`, writes no name there.
 */
function written({ newText, range }: NonNullable<Item['textEdit']>, before: string): string {
  const start = range ? offsetAt(before, range.start) : before.length;
  const replaced = before.slice(start);
  return newText.startsWith(replaced) ? newText.slice(replaced.length) : '';
}

/** LSP's `CompletionItemKind`, by its numbers. */
const kinds: Readonly<Record<number, NameKind>> = {
  2: 'method',
  3: 'function',
  4: 'method',
  5: 'property',
  6: 'variable',
  7: 'class',
  8: 'interface',
  9: 'module',
  10: 'property',
  12: 'literal',
  13: 'enum',
  14: 'keyword',
  17: 'module',
  19: 'module',
  20: 'enum-member',
  21: 'variable',
  22: 'class',
};
