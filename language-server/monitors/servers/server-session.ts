/** What one question may do with a running server: hold texts, ask about them, and read what is wrong with them. */
import { pathToFileURL } from 'node:url';
import type { ServerCapabilities } from './capabilities.js';
import type { OpenTexts, SourceText } from './open-texts.js';
import type { Peer } from './peer.js';
import type { Published } from './published.js';
import { readDiagnostics, type ServerDiagnostic } from './read-diagnostics.js';
import type { ServerRow } from './server-row.js';
import { positionAt } from './text-change.js';
import type { WholeLists } from './whole-lists.js';

/** Servers that only publish diagnostics take up to about this long after a change. */
const PUBLISH_MS = 5_000;

export interface RunningServer {
  readonly peer: Peer;
  readonly capabilities: ServerCapabilities;
  readonly texts: OpenTexts;
  readonly published: Published;
  readonly wholeLists: WholeLists;
}

export class ServerSession {
  constructor(
    readonly row: ServerRow,
    private readonly server: RunningServer,
    /** A question unanswered for so many milliseconds ends the server. */
    private readonly limitMs: number,
    private readonly signal: AbortSignal,
  ) {}

  get capabilities(): ServerCapabilities {
    return this.server.capabilities;
  }

  get wholeLists(): WholeLists {
    return this.server.wholeLists;
  }

  /** Makes the server hold exactly these texts. */
  hold(texts: readonly SourceText[]): void {
    this.server.texts.hold(texts);
  }

  /** Asks about an offset of a text, in the state in which it is given. */
  at(method: string, text: SourceText, offset: number, more: object = {}): Promise<unknown> {
    this.server.texts.put(text);
    return this.request(`textDocument/${method}`, {
      textDocument: { uri: text.uri },
      position: positionAt(text.text, offset),
      ...more,
    });
  }

  /** Undefined when the server cannot say. */
  async diagnostics(text: SourceText): Promise<readonly ServerDiagnostic[] | undefined> {
    this.server.texts.put(text);
    const { pullsDiagnostics, commands } = this.server.capabilities;
    if (pullsDiagnostics || this.server.published.canBeAsked) return this.pull(text.uri);
    const { askDiagnostics } = this.row;
    if (askDiagnostics && commands.includes(askDiagnostics.command)) {
      const answers = await Promise.all(
        askDiagnostics
          .argumentsFor(text.uri)
          .map((args) =>
            this.request('workspace/executeCommand', { command: askDiagnostics.command, arguments: args }),
          ),
      );
      return answers.flatMap((answer) => readDiagnostics(askDiagnostics.read(answer)));
    }
    const version = this.server.texts.versionOf(text.uri) ?? 0;
    const { published } = this.server;
    const sent = await this.inTime(published.of(text.uri, version, PUBLISH_MS));
    // It may have said in the meantime that it can be asked.
    return sent ?? (published.canBeAsked ? this.pull(text.uri) : undefined);
  }

  private async pull(uri: string): Promise<readonly ServerDiagnostic[] | undefined> {
    const report = await this.request('textDocument/diagnostic', { textDocument: { uri } });
    const { items } = (report ?? {}) as { items?: unknown };
    return items === undefined ? undefined : readDiagnostics(items);
  }

  private async request(method: string, params: unknown): Promise<unknown> {
    this.signal.throwIfAborted();
    const { peer } = this.server;
    const limit = setTimeout(() => {
      peer.kill(`did not answer within ${this.limitMs / 1000} s`);
    }, this.limitMs);
    const answer = peer.request(method, params, this.signal).finally(() => {
      clearTimeout(limit);
    });
    return this.inTime(answer);
  }

  /** Goes on without an answer that nobody wants any more. */
  private async inTime<T>(answer: Promise<T>): Promise<T> {
    let abort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        reject(new Error('nobody waits for the answer any more'));
      };
      this.signal.addEventListener('abort', abort, { once: true });
    });
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, aborted]);
    } finally {
      if (abort) this.signal.removeEventListener('abort', abort);
    }
  }
}

/** The URI of an absolute path. */
export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
