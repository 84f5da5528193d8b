/** One analysis server: started when first asked, watched, started again when it dies, stopped when nobody asks. */
import { pathToFileURL } from 'node:url';
import {
  clientCapabilities,
  readCapabilities,
  registersDiagnostics,
  type ServerCapabilities,
} from './capabilities.js';
import { OpenTexts } from './open-texts.js';
import { Peer, PeerGone } from './peer.js';
import { Published } from './published.js';
import { ServerSession } from './server-session.js';
import { WholeLists } from './whole-lists.js';
import { isMissing, type ServerPlace, type ServerRow } from './server-row.js';
import type { Unknown } from '../questions.js';

/** Milliseconds; tests make them short. */
export interface Patience {
  /** A server that leaves a question unanswered this long hangs, and is ended. */
  readonly answerMs: number;
  /** ... and one that is still reading the project this long. */
  readonly startMs: number;
  /** A server that nobody has asked this long is stopped. */
  readonly idleMs: number;
  /** Wait before the n-th start in a row, counted from 1 after a death. */
  readonly restartMs: (deaths: number) => number;
}

export const usualPatience: Patience = {
  answerMs: 10_000,
  startMs: 60_000,
  idleMs: 600_000,
  restartMs: (deaths) => Math.min(1_000 * 2 ** (deaths - 1), 60_000),
};

/** Deaths in a row, without a question answered between, after which a server stays dead. */
const MOST_DEATHS = 5;

interface Running {
  readonly peer: Peer;
  readonly capabilities: ServerCapabilities;
  readonly texts: OpenTexts;
  readonly published: Published;
  readonly wholeLists: WholeLists;
  /** Whether it has answered a question: by then it has read the project. */
  hasAnswered: boolean;
}

/** Owns the child process. Questions are answered one after the other: each is about its own state of the texts. */
export class AnalysisServer {
  /** Why questions stay unanswered, as a sentence for the user; undefined while all is well. */
  problem: string | undefined;
  private starting: Promise<Running | string> | undefined;
  private running: Running | undefined;
  private deaths = 0;
  private notBefore = 0;
  private queue: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(
    readonly row: ServerRow,
    readonly place: ServerPlace,
    private readonly patience: Patience,
    private readonly changed: () => void,
  ) {}

  /** Process of the server, while there is one. */
  get processId(): number | undefined {
    return this.running?.peer.processId;
  }

  /** How many texts the server holds open. */
  get openTexts(): number {
    return this.running?.texts.size ?? 0;
  }

  /** Runs a job when its turn comes. A server that is missing, dies or refuses makes the answer unknown. */
  use<T>(job: (session: ServerSession) => Promise<T>, signal: AbortSignal): Promise<T | Unknown> {
    const result = this.queue.then(() => this.run(job, signal));
    this.queue = result;
    return result;
  }

  /** Files on the disk have changed: `changes` as LSP has them. */
  filesChanged(changes: readonly { readonly uri: string; readonly type: number }[]): void {
    this.running?.wholeLists.forget();
    this.running?.peer.notify('workspace/didChangeWatchedFiles', { changes });
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.stop();
  }

  private async run<T>(
    job: (session: ServerSession) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | Unknown> {
    const unwanted = { unknown: 'nobody waits for the answer any more' };
    const isUnwanted = () => signal.aborted;
    if (isUnwanted()) return unwanted;
    clearTimeout(this.idle);
    try {
      const running = this.running ?? (await (this.starting ??= this.start()));
      if (typeof running === 'string') return { unknown: running };
      const limitMs = running.hasAnswered ? this.patience.answerMs : this.patience.startMs;
      const answer = await job(new ServerSession(this.row, running, limitMs, signal));
      running.hasAnswered = true;
      this.deaths = 0;
      return answer;
    } catch (error) {
      if (isUnwanted()) return unwanted;
      if (error instanceof PeerGone) return { unknown: `${this.row.title} ${error.message}` };
      return { unknown: error instanceof Error ? error.message : String(error) };
    } finally {
      this.rest();
    }
  }

  /** A sentence when it cannot be started, or not yet. */
  private async start(): Promise<Running | string> {
    try {
      if (this.disposed) return 'Candor is ending';
      if (performance.now() < this.notBefore) return this.problem ?? 'it is being started again';
      const launch = this.row.launch(this.place);
      if (isMissing(launch)) {
        this.tell(launch.missing);
        return launch.missing;
      }
      return await this.connect(new Peer(launch, this.handlers()));
    } finally {
      this.starting = undefined;
    }
  }

  private async connect(peer: Peer): Promise<Running | string> {
    void peer.gone.then((why) => {
      this.bury(peer, why);
    });
    const limit = setTimeout(() => {
      peer.kill(`did not start within ${this.patience.startMs / 1000} s`);
    }, this.patience.startMs);
    const never = new AbortController().signal;
    this.connecting = peer;
    try {
      const root = pathToFileURL(this.place.root).href;
      const answer = await peer.request(
        'initialize',
        {
          processId: process.pid,
          clientInfo: { name: 'candor' },
          rootUri: root,
          workspaceFolders: [{ uri: root, name: 'workspace' }],
          capabilities: clientCapabilities,
          initializationOptions: this.row.initializationOptions,
        },
        never,
      );
      peer.notify('initialized', {});
      const capabilities = readCapabilities(answer);
      const texts = new OpenTexts(peer, capabilities.takesChanges);
      const { published } = this;
      const wholeLists = new WholeLists();
      this.running = { peer, capabilities, texts, published, wholeLists, hasAnswered: false };
      this.tell(undefined);
      return this.running;
    } catch (error) {
      if (!(error instanceof PeerGone)) peer.kill('answered what makes no sense when it was started');
      await peer.gone;
      return this.problem ?? `${this.row.title} is gone`;
    } finally {
      clearTimeout(limit);
    }
  }

  private connecting: Peer | undefined;
  private published = new Published();

  private handlers() {
    this.published = new Published();
    const { published } = this;
    return {
      asked: (method: string, params: unknown): unknown => {
        if (method === 'workspace/configuration') return this.configuration(params);
        if (method === 'client/registerCapability' && registersDiagnostics(params)) published.askInstead();
        return null;
      },
      told: (method: string, params: unknown): void => {
        if (method === 'textDocument/publishDiagnostics') published.take(params);
      },
    };
  }

  private configuration(params: unknown): unknown {
    const items = (params as { items?: readonly { section?: string }[] }).items ?? [];
    return items.map(({ section = '' }) => this.row.configuration(section, this.place) ?? null);
  }

  /** The process is over: by our wish, or it is started again when it is next needed, unless that helped too seldom. */
  private bury(peer: Peer, why: string): void {
    if (this.connecting !== peer) return;
    this.connecting = undefined;
    this.running = undefined;
    if (this.disposed || why === 'was stopped') return;
    this.deaths++;
    const isLast = this.deaths >= MOST_DEATHS;
    this.notBefore = isLast ? Infinity : performance.now() + this.patience.restartMs(this.deaths);
    const next = isLast ? `${this.deaths} times in a row, and is left down` : 'and is started again';
    this.tell(`${this.row.title} ${why}, ${next}.`);
  }

  private tell(problem: string | undefined): void {
    if (problem === this.problem) return;
    this.problem = problem;
    this.changed();
  }

  private rest(): void {
    clearTimeout(this.idle);
    if (!this.running) return;
    this.idle = setTimeout(() => void this.stop(), this.patience.idleMs);
    this.idle.unref();
  }

  private async stop(): Promise<void> {
    clearTimeout(this.idle);
    await this.starting?.catch(() => undefined);
    const { running } = this;
    this.running = undefined;
    await running?.peer.stop();
  }
}
