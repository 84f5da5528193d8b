/** Keeps a suggestion with holes from being replaced, in older editors, by the plain one beside it. */
import type { SnippetString } from 'vscode';

/**
 * Editors before 1.100 keep one item of those that look alike where they stand, and that is the last of them: the plain
 * draft in place of the one with holes. There only the items with holes are handed over, where there are any.
 *
 * `editor` is the editor's version, as `vscode.version` has it.
 */
export function withoutTwins<Item extends { readonly insertText: string | Pick<SnippetString, 'value'> }>(
  items: readonly Item[],
  editor: string,
): readonly Item[] {
  if (keepsTwins(editor)) return items;
  const withHoles = items.filter(({ insertText }) => typeof insertText !== 'string');
  return withHoles.length > 0 ? withHoles : items;
}

function keepsTwins(editor: string): boolean {
  const [major = 0, minor = 0] = editor.split('.').map(Number);
  return 1 < major || 100 <= minor;
}
