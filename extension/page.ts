/** A page of text beside the code: shown as the editor shows Markdown, and shown anew when it changes. */
import { commands, EventEmitter, Uri, workspace } from 'vscode';

export interface Page {
  show(markdown: string): Promise<void>;
  dispose(): void;
}

/** `name` is the page's title and must be different for each page. */
export function createPage(name: string): Page {
  const uri = Uri.from({ scheme: `candor-${name.toLowerCase()}`, path: `/${name}.md` });
  const changed = new EventEmitter<Uri>();
  let content = '';
  const provider = workspace.registerTextDocumentContentProvider(uri.scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: () => content,
  });
  return {
    show: async (markdown) => {
      content = markdown;
      changed.fire(uri);
      await commands.executeCommand('markdown.showPreview', uri);
    },
    dispose: () => {
      provider.dispose();
      changed.dispose();
    },
  };
}
