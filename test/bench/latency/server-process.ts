/** The real server as a child process, driven over stdio as an editor does, with a probe inside. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type InlineCompletionList,
  type Position,
  type ProtocolConnection,
} from 'vscode-languageserver/node';
import {
  cursorNotification,
  stateNotification,
  type Cursor,
  type InitializationOptions,
  type ServerState,
} from '../../../language-server/protocol.js';

const root = path.resolve(import.meta.dirname, '../../..');
const serverFile = path.join(root, 'dist/server.mjs');
/** Loading takes a second or two; a machine that needs longer than this has other problems. */
const PATIENCE_MS = 120_000;

export interface Probe {
  /** Milliseconds by which the main thread's timer was late, one for each 5 ms. */
  readonly late: readonly number[];
  /** Largest resident memory since the last probe, bytes. */
  readonly mostMemory: number;
  readonly memory: { readonly rss: number; readonly heapUsed: number; readonly external: number };
  readonly handles: number;
  /** Analysis servers, and how many texts each has been left open. */
  readonly servers: readonly { readonly pid: number; readonly texts: number }[];
}

export interface ServerProcess {
  readonly pid: number;
  open(uri: string, languageId: string, text: string): void;
  change(uri: string, version: number, at: Position, text: string): void;
  /** The cursor rests here. */
  rest(uri: string, at: Position): void;
  close(uri: string): void;
  /** Also gives the server's own trace line of the request. */
  suggest(uri: string, at: Position, token: CancellationToken): Promise<Suggested>;
  probe(): Promise<Probe>;
  stop(): Promise<void>;
}

export interface Suggested {
  readonly list: InlineCompletionList;
  readonly trace: string;
}

/** @throws Error with a sentence when the build is missing or the model does not load. */
export async function startServerProcess(options: InitializationOptions): Promise<ServerProcess> {
  if (!existsSync(serverFile)) throw new Error('The server is not built: run `npm run build` first.');
  const child = spawn(
    process.execPath,
    [
      '--import',
      pathToFileURL(path.join(import.meta.dirname, 'server-probe.mjs')).href,
      serverFile,
      '--stdio',
    ],
    { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] },
  );
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout!),
    new StreamMessageWriter(child.stdin!),
  );
  let trace = '';
  connection.onNotification('window/logMessage', ({ message }: { readonly message: string }) => {
    if (/^(automatic|explicit) /.test(message)) trace = message;
  });
  const ready = untilReady(connection, child);
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { general: { positionEncodings: ['utf-16'] } },
    initializationOptions: options,
  });
  await connection.sendNotification('initialized', {});
  await ready;
  return {
    pid: child.pid!,
    open(uri, languageId, text) {
      void connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId, version: 1, text },
      });
    },
    change(uri, version, at, text) {
      void connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ range: { start: at, end: at }, text }],
      });
    },
    close(uri) {
      void connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    },
    rest(uri, { line, character }) {
      void connection.sendNotification(cursorNotification, { uri, line, character } satisfies Cursor);
    },
    async suggest(uri, position, token) {
      const params = { textDocument: { uri }, position, context: { triggerKind: 2 } };
      const list = await connection.sendRequest<InlineCompletionList>(
        'textDocument/inlineCompletion',
        params,
        token,
      );
      return { list, trace };
    },
    probe: () =>
      new Promise((resolve) => {
        child.once('message', (answer) => {
          resolve(answer as Probe);
        });
        child.send('probe');
      }),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await connection.sendRequest('shutdown');
      void connection.sendNotification('exit');
      await ended;
      connection.dispose();
    },
  };
}

function untilReady(connection: ProtocolConnection, child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error(`The server was not ready within ${PATIENCE_MS / 1000} s.`));
    }, PATIENCE_MS);
    child.once('exit', (code) => {
      reject(new Error(`The server ended with exit code ${code ?? 'none'}.`));
    });
    connection.onNotification(stateNotification, (state: ServerState) => {
      if (state.kind !== 'ready' && state.kind !== 'unavailable') return;
      clearTimeout(timer);
      if (state.kind === 'ready') resolve();
      else reject(new Error(`${state.problem} ${state.remedy}`));
    });
  });
}
