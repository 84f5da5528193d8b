/** “Explain Last Suggestion”: a read-only page beside the code, its tokens coloured by confidence and depth. */
import {
  EventEmitter,
  MarkdownString,
  Range,
  Uri,
  ViewColumn,
  window,
  workspace,
  type DecorationOptions,
  type TextEditor,
} from 'vscode';
import type { SuggestionExplanation } from '../language-server/protocol.js';
import { suggestionPage, type SuggestionPage } from './suggestion-page.js';

const uri = Uri.parse('candor-suggestion:/Last Suggestion.txt');

/** From unsure to sure. Translucent, so that they do on light and dark grounds. */
const backgrounds = ['#d32f2f66', '#ef6c0066', '#c0a00055', '#2e7d3266'];
/** From shallow to deep. */
const underlines = ['dotted 1px', 'dashed 1px', 'solid 1px', 'double 3px'];

export interface SuggestionExplainer {
  /** Rejects when no server answers. */
  explain(): Promise<void>;
  dispose(): void;
}

export function createSuggestionExplainer(
  ask: () => Promise<SuggestionExplanation | null>,
): SuggestionExplainer {
  const changed = new EventEmitter<Uri>();
  let page: SuggestionPage = { text: '', marks: [] };
  const provider = workspace.registerTextDocumentContentProvider(uri.scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: () => page.text,
  });
  const confidence = backgrounds.map((backgroundColor) =>
    window.createTextEditorDecorationType({ backgroundColor }),
  );
  const depth = underlines.map((line) => {
    const [style, width] = line.split(' ');
    return window.createTextEditorDecorationType({
      borderStyle: style!,
      borderWidth: `0 0 ${width!} 0`,
      borderColor: '#7f7fff',
    });
  });
  const paint = (editor: TextEditor) => {
    for (const [band, type] of confidence.entries())
      editor.setDecorations(
        type,
        ranges(page, (mark) => mark.confidence === band),
      );
    for (const [band, type] of depth.entries())
      editor.setDecorations(
        type,
        ranges(page, (mark) => mark.depth === band),
      );
  };
  const owned = [provider, changed, ...confidence, ...depth];
  // The page may be painted before its new text has come.
  const listening = workspace.onDidChangeTextDocument(({ document }) => {
    const editor = window.visibleTextEditors.find((one) => one.document === document);
    if (document.uri.scheme === uri.scheme && editor) paint(editor);
  });
  return {
    explain: async () => {
      const explanation = await ask();
      if (!explanation) {
        await window.showInformationMessage('Candor has not suggested anything yet.');
        return;
      }
      page = suggestionPage(explanation);
      changed.fire(uri);
      const document = await workspace.openTextDocument(uri);
      const editor = await window.showTextDocument(document, {
        viewColumn: ViewColumn.Beside,
        preview: true,
      });
      paint(editor);
    },
    dispose: () => {
      for (const one of [listening, ...owned]) one.dispose();
    },
  };
}

function ranges(
  { marks }: SuggestionPage,
  wanted: (mark: SuggestionPage['marks'][number]) => boolean,
): DecorationOptions[] {
  return marks.filter(wanted).map(({ line, start, end, hover }) => ({
    range: new Range(line, start, line, end),
    hoverMessage: new MarkdownString().appendText(hover),
  }));
}
