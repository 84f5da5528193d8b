/** Tells the server where the cursor rests, so that the model can read the text there before it is asked. */
import { Disposable, languages, window, type DocumentSelector, type TextEditor } from 'vscode';
import type { Cursor } from '../language-server/protocol.js';

/** A cursor that has not moved for so many milliseconds rests. */
const REST_MS = 250;

/** Watches the editor in use until disposed; `tell` hears of each place once. */
export function watchCursor(selector: DocumentSelector, tell: (cursor: Cursor) => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const rest = (editor: TextEditor | undefined) => {
    clearTimeout(timer);
    if (!editor || languages.match(selector, editor.document) === 0) return;
    timer = setTimeout(() => {
      const { line, character } = editor.selection.active;
      tell({ uri: editor.document.uri.toString(), line, character });
    }, REST_MS);
  };
  rest(window.activeTextEditor);
  const watchers = Disposable.from(
    window.onDidChangeActiveTextEditor(rest),
    window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor === window.activeTextEditor) rest(textEditor);
    }),
  );
  return new Disposable(() => {
    clearTimeout(timer);
    watchers.dispose();
  });
}
