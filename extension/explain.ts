/** “Why was there no suggestion?”: the answer as a message, its trace as a read-only document beside the code. */
import { EventEmitter, Uri, ViewColumn, window, workspace } from 'vscode';
import type { Explanation } from '../language-server/protocol.js';

const uri = Uri.parse('candor-trace:/Why Was There No Suggestion.txt');

export interface Explainer {
  explain(): Promise<void>;
  dispose(): void;
}

/** `ask` fetches the explanation of the last request, and rejects when no server answers. */
export function createExplainer(ask: () => Promise<Explanation>): Explainer {
  const changed = new EventEmitter<Uri>();
  let content = '';
  const provider = workspace.registerTextDocumentContentProvider(uri.scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: () => content,
  });
  return {
    explain: async () => {
      const { text, trace } = await ask();
      const buttons = trace.length > 0 ? ['Show Trace'] : [];
      const choice = await window.showInformationMessage(text, ...buttons);
      if (choice === undefined) return;
      content = [text, '', ...trace, ''].join('\n');
      changed.fire(uri);
      const document = await workspace.openTextDocument(uri);
      await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preview: true });
    },
    dispose: () => {
      provider.dispose();
      changed.dispose();
    },
  };
}
