/** What the client is told about our state: only when it changes, and only a client that knows the notification. */
import type { Connection } from 'vscode-languageserver/node';
import type { Engine } from '../completion/engine.js';
import type { Silence } from '../completion/silence.js';
import { stateNotification, type ServerState } from '../protocol.js';

/** Requests answered sooner are not worth a spinner. */
const BUSY_AFTER = 100;

export class States {
  /** Whether the client is one that listens. */
  listening = false;
  private told = '';
  private quiet: Silence | undefined;
  /** Requests that have been taking their time for so long that the client has been told. */
  private slow = 0;

  constructor(
    private readonly connection: Connection,
    private readonly engine: () => Engine,
    /** Why monitors are not to be had, in sentences. */
    private readonly problems: () => readonly string[] = () => [],
  ) {}

  /** A monitor has become unavailable, or available again. */
  monitorsChanged(): void {
    this.tell(this.now());
  }

  /** The engine has changed. */
  engineChanged(): void {
    this.quiet = undefined;
    this.tell(this.now());
  }

  /** Tells that we are busy when an answer takes its time; the function returned ends that for this request. */
  busy(): (silence: Silence | undefined) => void {
    let isSlow = false;
    const timer = setTimeout(() => {
      isSlow = true;
      this.slow++;
      this.tell(this.now());
    }, BUSY_AFTER);
    return (silence) => {
      clearTimeout(timer);
      if (isSlow) this.slow--;
      // A cancelled request says nothing about the place; the request after it will.
      if (silence?.reason !== 'cancelled') this.quiet = silence;
      this.tell(this.now());
    };
  }

  private now(): ServerState {
    const engine = this.engine();
    return 0 < this.slow && engine.kind === 'ready'
      ? { kind: 'busy', ...this.labels(engine) }
      : this.atRest();
  }

  private atRest(): ServerState {
    const engine = this.engine();
    if (engine.kind !== 'ready') return engine;
    const { quiet } = this;
    const ready = this.labels(engine);
    return quiet ? { kind: 'quiet', ...ready, ...quiet } : { kind: 'ready', ...ready };
  }

  private labels({ model }: Extract<Engine, { kind: 'ready' }>): Labels {
    const problems = this.problems();
    const limits = problems.length > 0 && { limits: problems.join(' ') };
    const why = model.why !== undefined && model.why !== '' && { why: model.why };
    return { model: model.name, device: model.device, ...why, ...limits };
  }

  private tell(state: ServerState): void {
    const text = JSON.stringify(state);
    if (!this.listening || text === this.told) return;
    this.told = text;
    void this.connection.sendNotification(stateNotification, state);
  }
}

type Labels = Omit<Extract<ServerState, { kind: 'ready' }>, 'kind'>;
