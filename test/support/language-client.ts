/** A bare JSON-RPC client: starts a server over stdio or Node IPC and speaks LSP to it, nothing more. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  StreamMessageReader,
  StreamMessageWriter,
  type InitializeResult,
  type InlineCompletionItem,
  type MessageConnection,
  type Position,
  type Range,
} from 'vscode-languageserver/node';
import type { ServerState } from '../../language-server/protocol.js';

export interface TestClient {
  readonly connection: MessageConnection;
  readonly initialized: InitializeResult;
  readonly states: ServerState[];
  readonly log: string[];
  open(uri: string, text: string, languageId?: string): void;
  /** The next version of a document, by incremental changes, or by the whole text. */
  change(uri: string, ...changes: readonly ({ range: Range; text: string } | { text: string })[]): void;
  close(uri: string): void;
  ask(uri: string, position: Position, more?: AskMore): Promise<readonly InlineCompletionItem[]>;
  /** Sends a request without waiting; `cancel` sends `$/cancelRequest`. */
  start(
    uri: string,
    position: Position,
  ): { answer: Promise<readonly InlineCompletionItem[]>; cancel: () => void };
  /** Resolves once a state of this kind has come. */
  state(kind: ServerState['kind']): Promise<ServerState>;
  /** Goes away without a word, as a client that has crashed; resolves when the server has ended too. */
  hangUp(): Promise<number | null>;
  /** Ends the server as the system does that has no memory left; resolves when it has ended. */
  kill(): Promise<unknown>;
  /** Shuts down and waits for the process to end; its exit code. */
  stop(): Promise<number | null>;
}

export interface AskMore {
  readonly explicit?: boolean;
  readonly selected?: { readonly range: Range; readonly text: string };
}

export interface ClientOptions {
  readonly channel?: 'stdio' | 'ipc';
  readonly args?: readonly string[];
  readonly encodings?: readonly string[];
  readonly initializationOptions?: unknown;
  readonly folders?: readonly string[];
}

export async function connectTo(serverFile: string, options: ClientOptions = {}): Promise<TestClient> {
  const { process: server, connection } = launch(serverFile, options);
  const states: ServerState[] = [];
  const log: string[] = [];
  const waiting: { kind: string; resolve: (state: ServerState) => void }[] = [];
  connection.onNotification('candor/state', (state: ServerState) => {
    states.push(state);
    for (const { kind, resolve } of waiting) if (kind === state.kind) resolve(state);
  });
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
    log.push(message);
  });
  const ended = new Promise<number | null>((resolve) => {
    server.once('exit', (code) => {
      resolve(code);
    });
  });
  connection.listen();

  const initialized = await connection.sendRequest<InitializeResult>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { general: { ...(options.encodings && { positionEncodings: options.encodings }) } },
    ...(options.folders && { workspaceFolders: options.folders.map((uri) => ({ uri, name: uri })) }),
    ...(options.initializationOptions !== undefined && {
      initializationOptions: options.initializationOptions,
    }),
  });
  await connection.sendNotification('initialized', {});

  const versions = new Map<string, number>();
  const send = (method: string, params: unknown) => void connection.sendNotification(method, params);
  const params = (uri: string, position: Position, { explicit = false, selected }: AskMore = {}) => ({
    textDocument: { uri },
    position,
    context: { triggerKind: explicit ? 1 : 2, ...(selected && { selectedCompletionInfo: selected }) },
  });
  const items = ({ items: all }: { items: readonly InlineCompletionItem[] }) => all;
  const method = 'textDocument/inlineCompletion';

  return {
    connection,
    initialized,
    states,
    log,
    open(uri, text, languageId = 'typescript') {
      versions.set(uri, 1);
      send('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
    },
    change(uri, ...contentChanges) {
      const version = (versions.get(uri) ?? 0) + 1;
      versions.set(uri, version);
      send('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
    },
    close(uri) {
      send('textDocument/didClose', { textDocument: { uri } });
    },
    ask: async (uri, position, more) =>
      items(await connection.sendRequest(method, params(uri, position, more))),
    start(uri, position) {
      let cancelled: () => void = () => undefined;
      const token = {
        isCancellationRequested: false,
        onCancellationRequested: (listener: (event: undefined) => void) => {
          cancelled = () => {
            listener(undefined);
          };
          return { dispose: () => undefined };
        },
      };
      const answer = connection
        .sendRequest<{ items: readonly InlineCompletionItem[] }>(method, params(uri, position), token)
        .then(items);
      return {
        answer,
        cancel: () => {
          cancelled();
        },
      };
    },
    state: (kind) =>
      new Promise((resolve) => {
        const known = states.find((state) => state.kind === kind);
        if (known) resolve(known);
        else waiting.push({ kind, resolve });
      }),
    hangUp() {
      connection.dispose();
      server.stdin?.destroy();
      return ended;
    },
    kill() {
      server.kill('SIGKILL');
      return ended;
    },
    async stop() {
      await connection.sendRequest('shutdown');
      send('exit', undefined);
      return ended;
    },
  };
}

function launch(
  serverFile: string,
  { channel = 'stdio', args = [] }: ClientOptions,
): { process: ChildProcess; connection: MessageConnection } {
  if (channel === 'ipc') {
    const server = fork(serverFile, ['--node-ipc', ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    return {
      process: server,
      connection: createMessageConnection(new IPCMessageReader(server), new IPCMessageWriter(server)),
    };
  }
  const server = spawn(process.execPath, [serverFile, '--stdio', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const reader = new StreamMessageReader(server.stdout);
  return {
    process: server,
    connection: createMessageConnection(reader, new StreamMessageWriter(server.stdin)),
  };
}
