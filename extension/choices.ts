/** Keeps what a user types into a hole with a list of choices: Tab would replace it by the entry that is highlighted. */
import { commands, window, workspace, type Disposable, type TextDocument, type TextEditor } from 'vscode';

/** Nobody fills holes for longer, in milliseconds. */
const OVER_AFTER = 60_000;

export interface ChoiceKeeper {
  /** A suggestion was accepted in the active editor; its lists offer these texts. */
  accepted(choices: readonly string[]): void;
  dispose(): void;
}

interface Filling {
  readonly document: TextDocument;
  readonly line: number;
  readonly since: number;
  readonly choices: ReadonlySet<string>;
}

/** Set while a suggestion with choices is being filled: then Tab behind typed text goes on to the next hole (package.json). */
const contextKey = 'candor.fillingChoices';

/**
 * The editor's list of choices does not follow what is typed: its first entry stays highlighted, and Enter takes it in
 * place of the user's own text; Tab would, too. So the list is closed at each letter; it opens again in the next hole
 * with one.
 *
 * The editor goes on while we hear of a letter and ask it to close the list. Whoever presses Tab meanwhile has the next
 * hole's list closed instead: the editor tells of the new hole before it tells that a list was closed, and then the
 * list is opened once more.
 */
export function createChoiceKeeper(): ChoiceKeeper {
  let filling: Filling | undefined;
  /** Lists that we have asked to be closed, without having heard that they were. */
  let closing = 0;
  let isNextClosed = false;

  const fill = (next: Filling | undefined): void => {
    if ((next === undefined) !== (filling === undefined))
      void commands.executeCommand('setContext', contextKey, next !== undefined);
    filling = next;
  };

  const close = async (): Promise<void> => {
    closing++;
    await commands.executeCommand('hideSuggestWidget');
    closing--;
    if (closing > 0 || !isNextClosed) return;
    isNextClosed = false;
    const editor = window.activeTextEditor;
    if (editor && isInChoice(editor, filling)) await commands.executeCommand('editor.action.triggerSuggest');
  };

  const heard: Disposable[] = [
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document !== filling?.document) return;
      const { line, since } = filling;
      const isInside = contentChanges.every(
        ({ range }) => range.start.line === line && range.end.line === line,
      );
      if (!isInside || OVER_AFTER < Date.now() - since) fill(undefined);
      else if (contentChanges.length > 0) void close();
    }),
    window.onDidChangeTextEditorSelection(({ textEditor }) => {
      const { document, selection } = textEditor;
      if (document === filling?.document && selection.active.line !== filling.line) fill(undefined);
      isNextClosed = closing > 0 && isInChoice(textEditor, filling);
    }),
  ];
  return {
    accepted: (choices) => {
      const editor = window.activeTextEditor;
      fill(
        editor && {
          document: editor.document,
          line: editor.selection.active.line,
          since: Date.now(),
          choices: new Set(choices),
        },
      );
    },
    dispose: () => {
      for (const one of heard) one.dispose();
    },
  };
}

/** Whether all of a hole with a list is selected, as Tab leaves it. */
function isInChoice({ document, selection }: TextEditor, filling: Filling | undefined): boolean {
  if (document !== filling?.document || selection.isEmpty) return false;
  return selection.active.line === filling.line && filling.choices.has(document.getText(selection));
}
