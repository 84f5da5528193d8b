/** Puts a chosen draft into the document, as one step of undoing, at the main cursor alone. */
import { Range, Selection, SnippetString, window, type TextEditor } from 'vscode';
import type { OfferedDraft } from '../language-server/protocol.js';
import type { DraftPlace } from './draft-place.js';

/** Undefined when it is in; else why not, in a sentence. Nothing of the document is ever lost. */
export async function insertDraft(
  editor: TextEditor,
  { start, end }: DraftPlace,
  { text, snippet }: OfferedDraft,
): Promise<string | undefined> {
  const { document } = editor;
  if (document.isClosed || !window.visibleTextEditors.includes(editor))
    return 'The editor that the draft was written for has been closed.';
  const range = new Range(document.positionAt(start), document.positionAt(end));
  const { version } = document;
  const others = editor.selections.slice(1);
  const inserted =
    snippet === undefined
      ? await editor.edit((edit) => {
          edit.replace(range, text);
        })
      : await editor.insertSnippet(new SnippetString(snippet), range);
  if (!inserted || document.version === version)
    return 'The draft could not be inserted: the file is read-only, or it has just changed.';
  if (snippet === undefined) {
    const cursor = document.positionAt(start + text.length);
    editor.selections = [new Selection(cursor, cursor), ...others];
  }
  return undefined;
}
