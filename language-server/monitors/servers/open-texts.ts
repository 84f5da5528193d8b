/** The texts that one server holds open: ours in their latest state, the editor's other documents as they stand. */
import type { Peer } from './peer.js';
import { changeBetween } from './text-change.js';

/** A text as the server is to see it. */
export interface SourceText {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
}

interface Open {
  readonly languageId: string;
  readonly text: string;
  readonly version: number;
}

export class OpenTexts {
  private readonly open = new Map<string, Open>();
  private versions = 0;

  constructor(
    private readonly peer: Peer,
    /** Whether the server takes changes in place of whole texts. */
    private readonly takesChanges: boolean,
  ) {}

  /** How many texts the server holds open. */
  get size(): number {
    return this.open.size;
  }

  /** Version of a text that is open. */
  versionOf(uri: string): number | undefined {
    return this.open.get(uri)?.version;
  }

  /** Makes the server hold exactly these texts. */
  hold(texts: readonly SourceText[]): void {
    const wanted = new Set(texts.map(({ uri }) => uri));
    for (const uri of [...this.open.keys()]) if (!wanted.has(uri)) this.close(uri);
    for (const text of texts) this.put(text);
  }

  /** Opens a text, or brings it to its new state. */
  put({ uri, languageId, text }: SourceText): void {
    const known = this.open.get(uri);
    if (known && known.languageId !== languageId) this.close(uri);
    else if (known?.text === text) return;
    const version = ++this.versions;
    const before = this.open.get(uri);
    this.open.set(uri, { languageId, text, version });
    if (!before) {
      this.peer.notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } });
      return;
    }
    const contentChanges = [this.takesChanges ? changeBetween(before.text, text) : { text }];
    this.peer.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  private close(uri: string): void {
    this.open.delete(uri);
    this.peer.notify('textDocument/didClose', { textDocument: { uri } });
  }
}
