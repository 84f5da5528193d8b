/** The highlighted draft in place: a read-only copy of the document with the draft in it, marked, beside the editor. */
import {
  EventEmitter,
  languages,
  Range,
  TabInputText,
  TextEditorRevealType,
  ThemeColor,
  Uri,
  ViewColumn,
  window,
  workspace,
  type TextDocument,
} from 'vscode';
import type { DraftPlace } from './draft-place.js';

const SCHEME = 'candor-draft';

export interface DraftPreview {
  /** Shows `document` as it would be with `text` at `place`. The document itself stays as it is. */
  show(document: TextDocument, place: DraftPlace, text: string): Promise<void>;
  /** Closes the preview. */
  close(): Promise<void>;
  dispose(): void;
}

export function createDraftPreview(): DraftPreview {
  const changed = new EventEmitter<Uri>();
  const mark = window.createTextEditorDecorationType({
    backgroundColor: new ThemeColor('diffEditor.insertedTextBackground'),
    overviewRulerColor: new ThemeColor('diffEditorOverview.insertedForeground'),
  });
  let shown = { content: '', start: 0, length: 0 };
  let uri: Uri | undefined;

  const markDraft = () => {
    const editor = window.visibleTextEditors.find((one) => one.document.uri.toString() === uri?.toString());
    if (editor?.document.getText() !== shown.content) return;
    const { document } = editor;
    const range = new Range(
      document.positionAt(shown.start),
      document.positionAt(shown.start + shown.length),
    );
    editor.setDecorations(mark, [range]);
    editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
  };
  const provider = workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: () => shown.content,
  });
  // The content arrives some time after it was announced.
  const watcher = workspace.onDidChangeTextDocument(({ document }) => {
    if (document.uri.scheme === SCHEME) markDraft();
  });

  return {
    show: async (document, { start, end }, text) => {
      const all = document.getText();
      const { path } = document.uri;
      const name = path.slice(path.lastIndexOf('/') + 1);
      shown = { content: all.slice(0, start) + text + all.slice(end), start, length: text.length };
      uri = Uri.from({ scheme: SCHEME, path: `/Draft for ${name}` });
      changed.fire(uri);
      let copy = await workspace.openTextDocument(uri);
      if (copy.languageId !== document.languageId)
        copy = await languages.setTextDocumentLanguage(copy, document.languageId);
      const isOpen = window.visibleTextEditors.some((one) => one.document === copy);
      if (!isOpen)
        await window.showTextDocument(copy, {
          viewColumn: ViewColumn.Beside,
          preserveFocus: true,
          preview: true,
        });
      markDraft();
    },
    close: async () => {
      const tabs = window.tabGroups.all
        .flatMap((group) => group.tabs)
        .filter(({ input }) => input instanceof TabInputText && input.uri.scheme === SCHEME);
      if (tabs.length > 0) await window.tabGroups.close(tabs, true);
    },
    dispose: () => {
      provider.dispose();
      watcher.dispose();
      changed.dispose();
      mark.dispose();
    },
  };
}
