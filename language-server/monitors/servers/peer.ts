/** A child process that speaks JSON-RPC over its standard streams: the only file that knows vscode-jsonrpc. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';

/** How a server is started. The environment is ours, less what would steer a Node child, plus `environment`. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Absolute. Never the workspace: some systems look for programs there first. */
  readonly workingFolder: string;
}

export interface PeerHandlers {
  /** Answers what the server asks of us. */
  readonly asked: (method: string, params: unknown) => unknown;
  readonly told: (method: string, params: unknown) => void;
}

/** The process is gone, or said what is no message; `message` is a sentence. */
export class PeerGone extends Error {}

/** Asked to stop, a server has this long before it is ended. */
const STOP_MS = 1_000;
/** The end of what a server complained about, for the reason of its death. */
const KEPT_COMPLAINTS = 400;

/** Children that live: they end when we do. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Owns the process. Reports its end once, by `gone`; requests that are open then reject. */
export class Peer {
  /** Resolves with why when the process has ended, or has been ended because it made no sense. */
  readonly gone: Promise<string>;
  private readonly child: ChildProcess;
  private readonly connection: MessageConnection;
  private complaints = '';
  private reason: string | undefined;
  private hasEnded = false;
  /** Requests that wait for an answer: how each is told that none will come. */
  private readonly open = new Set<(error: PeerGone) => void>();

  constructor(launch: Launch, handlers: PeerHandlers) {
    // Options for us are none for a child: the editor's, say, or a debugger's.
    const environment = { ...process.env, NODE_OPTIONS: undefined, ...launch.environment };
    const child = spawn(launch.command, launch.args, {
      cwd: launch.workingFolder,
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.child = child;
    living.add(child);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints = (this.complaints + text).slice(-KEPT_COMPLAINTS);
    });
    // A pipe to a process that has just died: its end is reported by `gone`.
    child.stdin.on('error', () => undefined);
    const { connection } = this.listen(child, handlers);
    this.connection = connection;
    this.gone = new Promise((resolve) => {
      const over = (why: string) => {
        this.hasEnded = true;
        living.delete(child);
        const reason = (this.reason ??= why);
        for (const leave of this.open) leave(new PeerGone(reason));
        connection.dispose();
        resolve(reason);
      };
      child.once('error', (error) => {
        over(`could not be started: ${error.message}`);
      });
      child.once('exit', (code, signal) => {
        over(`ended with ${signal ?? `exit code ${code}`}${this.lastComplaint()}`);
      });
    });
  }

  get processId(): number | undefined {
    return this.child.pid;
  }

  /**
   * Settles when the server answers, even once `signal` has told it that nobody wants the answer any more.
   * @throws PeerGone when the process is gone first; the server's own error when it refuses.
   */
  async request(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    if (this.hasEnded) throw new PeerGone(this.reason ?? 'has ended');
    const source = new CancellationTokenSource();
    const cancel = (): void => {
      source.cancel();
    };
    signal.addEventListener('abort', cancel, { once: true });
    let leave: (error: PeerGone) => void = () => undefined;
    const gone = new Promise<never>((_, reject) => {
      leave = reject;
    });
    gone.catch(() => undefined);
    this.open.add(leave);
    const answer = this.connection.sendRequest<unknown>(method, params, source.token);
    // A connection that is closed under a request rejects it in its own words; the end of the process has better ones.
    const answered = answer.catch(async (error: unknown) => {
      if (this.hasEnded) await gone;
      throw error;
    });
    try {
      return await Promise.race([answered, gone]);
    } finally {
      this.open.delete(leave);
      signal.removeEventListener('abort', cancel);
      source.dispose();
    }
  }

  notify(method: string, params: unknown): void {
    if (!this.hasEnded) this.connection.sendNotification(method, params).catch(() => undefined);
  }

  /** Ends the process at once, for a reason that `gone` then gives. */
  kill(reason: string): void {
    this.reason ??= reason;
    this.child.kill('SIGKILL');
  }

  /** Asks the server to end, and ends it if it does not. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.reason ??= 'was stopped';
    const patience = setTimeout(() => {
      this.child.kill('SIGKILL');
    }, STOP_MS);
    const shutdown = this.connection.sendRequest('shutdown').then(
      () => {
        this.notify('exit', undefined);
        this.child.stdin?.end();
      },
      () => undefined,
    );
    await Promise.race([this.gone, shutdown]);
    await this.gone;
    clearTimeout(patience);
  }

  private listen(
    child: ChildProcess,
    { asked, told }: PeerHandlers,
  ): { readonly connection: MessageConnection } {
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout!),
      new StreamMessageWriter(child.stdin!),
    );
    connection.onRequest((method: string, params: unknown) => asked(method, params) ?? null);
    connection.onNotification((method: string, params: unknown) => {
      told(method, params);
    });
    connection.onError(([error]) => {
      if (!this.hasEnded) this.kill(`said what is no message (${error.message})`);
    });
    connection.listen();
    return { connection };
  }

  private lastComplaint(): string {
    const line = this.complaints.trim().split('\n').at(-1)?.trim() ?? '';
    return line === '' ? '' : ` (${line})`;
  }
}
