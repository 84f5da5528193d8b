/** The open documents: the one mutable store of text. What it hands out are immutable values at a version. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver/node';
import type { Document } from '../completion/document.js';
import { nearestUnits, type PositionEncoding } from './positions.js';

export class Documents {
  private readonly open = new Map<string, { readonly live: TextDocument; readonly snapshot: Document }>();

  constructor(private readonly encoding: () => PositionEncoding) {}

  get(uri: string): Document | undefined {
    return this.open.get(uri)?.snapshot;
  }

  /** All of them, the most recently changed first. */
  all(): readonly Document[] {
    return [...this.open.values()].map(({ snapshot }) => snapshot).reverse();
  }

  opened(uri: string, languageId: string, version: number, text: string): Document {
    return this.put(TextDocument.create(uri, languageId, version, text));
  }

  /** Changes hold one after the other, each for the text that the one before has left. Unknown documents stay unknown. */
  changed(
    uri: string,
    version: number,
    changes: readonly TextDocumentContentChangeEvent[],
  ): Document | undefined {
    let live = this.open.get(uri)?.live;
    if (!live) return undefined;
    for (const change of changes) live = TextDocument.update(live, [this.inOurUnits(live, change)], version);
    return this.put(live);
  }

  closed(uri: string): void {
    this.open.delete(uri);
  }

  private put(live: TextDocument): Document {
    const { uri, languageId, version } = live;
    const snapshot: Document = { uri, languageId, version, text: live.getText() };
    this.open.delete(uri);
    this.open.set(uri, { live, snapshot });
    return snapshot;
  }

  private inOurUnits(
    live: TextDocument,
    change: TextDocumentContentChangeEvent,
  ): TextDocumentContentChangeEvent {
    if (this.encoding() === 'utf-16' || !('range' in change)) return change;
    const convert = ({ line, character }: { line: number; character: number }) => {
      const text = live.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
      return { line, character: nearestUnits(text, character) };
    };
    const { start, end } = change.range;
    return { text: change.text, range: { start: convert(start), end: convert(end) } };
  }
}
