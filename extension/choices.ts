/** Keeps what a user types into a hole with a list of choices: Tab would replace it by the entry that is highlighted. */
import { commands, window, workspace, type Disposable, type TextDocument } from 'vscode';

/** Nobody fills holes for longer, in milliseconds. */
const OVER_AFTER = 60_000;

export interface ChoiceKeeper {
  /** A suggestion with choices was accepted in the active editor. */
  accepted(): void;
  dispose(): void;
}

/**
 * The editor's list of choices does not follow what is typed: its first entry stays highlighted, and Tab takes it in
 * place of the user's own text. So the list is closed at the first letter; it opens again in the next hole with one.
 */
export function createChoiceKeeper(): ChoiceKeeper {
  let filling: { readonly document: TextDocument; readonly line: number; readonly since: number } | undefined;
  const heard: Disposable[] = [
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document !== filling?.document) return;
      const { line, since } = filling;
      const isInside = contentChanges.every(
        ({ range }) => range.start.line === line && range.end.line === line,
      );
      if (!isInside || OVER_AFTER < Date.now() - since) filling = undefined;
      else if (contentChanges.length > 0) void commands.executeCommand('hideSuggestWidget');
    }),
  ];
  return {
    accepted: () => {
      const editor = window.activeTextEditor;
      filling = editor && {
        document: editor.document,
        line: editor.selection.active.line,
        since: Date.now(),
      };
    },
    dispose: () => {
      for (const one of heard) one.dispose();
    },
  };
}
