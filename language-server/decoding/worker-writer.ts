/** The writer of the product: drafts come from a worker thread that is started, watched and started again. */
import { Worker } from 'node:worker_threads';
import type { Question } from '../constraints/constraint.js';
import { SharedCancellation } from '../inference/cancellation.js';
import { disableRuntimeTelemetry } from '../inference/no-telemetry.js';
import type { Prompt } from '../tokens/prompt.js';
import { causeOfDeath } from './cause-of-death.js';
import { cancelled, pendingRequest, type Pending } from './pending-request.js';
import {
  EngineFailure,
  type Program,
  type ReadAhead,
  type WriteOutcome,
  type WriteRequest,
  type Writer,
} from './write-request.js';
import { onProcessor } from '../inference/devices/device.js';
import type { ChosenPlan, EngineDescription, FromWorker, ToWorker, WorkerStart } from './worker-messages.js';

export interface WorkerWriterOptions {
  /** The built worker. */
  readonly workerFile: URL | string;
  readonly bundleDir: string;
  readonly grammarsDir: string;
  readonly threads: number;
  /** How the model is run at first; without it on the processor. */
  readonly chosen?: ChosenPlan;
  /** Milliseconds without a request after which the model is unloaded; without it never. */
  readonly restMs?: number;
  /** Hears every change of state, from loading on. */
  readonly onState?: (state: EngineState) => void;
  /** Answers questions of constraints; without it they stay unanswered, which does not constrain. */
  readonly answer?: AnswerQuestion;
  /** Milliseconds before the n-th start in a row, counted from 1 after a death. Defaults to `backOff`. */
  readonly restartDelay?: (deaths: number) => number;
}

/** Answers a question about a program; `signal` says that nobody waits for the answer any more. */
export type AnswerQuestion = (question: Question, program: Program, signal: AbortSignal) => Promise<unknown>;

export type EngineState =
  | { readonly kind: 'loading'; readonly what: string; readonly fraction: number }
  | { readonly kind: 'ready'; readonly engine: EngineDescription }
  /** The worker died and will be started again; `why` is a sentence for the user. */
  | { readonly kind: 'restarting'; readonly why: string; readonly delayMs: number }
  /** It will not be started again; `why` is a sentence for the user, with the remedy. */
  | { readonly kind: 'broken'; readonly why: string };

/** Deaths in a row, without one request answered between, after which the worker stays dead. */
const MOST_DEATHS = 5;

/** The first start again is immediate; then 1 s, 2 s, 4 s, … */
export function backOff(deaths: number): number {
  return deaths <= 1 ? 0 : 1000 * 2 ** (deaths - 2);
}

/** Owns the worker. `dispose` when done. */
export class WorkerWriter implements Writer {
  state: EngineState = { kind: 'loading', what: 'worker', fraction: 0 };
  private readonly cancellation = new SharedCancellation();
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private readonly reading = new Map<number, (reading: ReadAhead | undefined) => void>();
  private lastId = 0;
  private deaths = 0;
  private lastError: Error | undefined;
  private restart: NodeJS.Timeout | undefined;
  private disposed = false;
  private chosen: ChosenPlan;
  private waiters: (() => void)[] = [];

  constructor(private readonly options: WorkerWriterOptions) {
    this.chosen = options.chosen ?? { plan: onProcessor, why: '' };
    this.startWorker();
  }

  write(
    request: WriteRequest,
    signal: AbortSignal,
    onProgress?: (text: string) => void,
  ): Promise<WriteOutcome> {
    const id = ++this.lastId;
    // The latest request wins: all earlier ones end at the next look at the flag.
    this.cancellation.cancelUpTo(signal.aborted ? id : id - 1);
    if (this.disposed) return Promise.reject(new EngineFailure('The engine has been shut down.'));
    if (this.state.kind === 'broken') return Promise.reject(new EngineFailure(this.state.why));
    if (signal.aborted) return Promise.resolve(cancelled());
    for (const earlier of this.pending.values()) earlier.unwanted.abort();
    return new Promise<WriteOutcome>((resolve, reject) => {
      const cancel = (): void => {
        this.cancellation.cancelUpTo(id);
      };
      const settled = (): void => void this.pending.delete(id);
      const pending = pendingRequest({ id, request, onProgress, resolve, reject }, signal, cancel, settled);
      this.pending.set(id, pending);
      this.send(pending);
    });
  }

  read(prompt: Prompt): Promise<ReadAhead | undefined> {
    if (this.state.kind !== 'ready' || this.disposed || this.pending.size > 0)
      return Promise.resolve(undefined);
    const id = ++this.lastId;
    this.cancellation.cancelUpTo(id - 1);
    return new Promise((resolve) => {
      this.reading.set(id, resolve);
      this.post({ kind: 'read', id, prompt });
    });
  }

  /** Resolves when the model is loaded. @throws EngineFailure when it cannot be. */
  async ready(): Promise<EngineDescription> {
    for (;;) {
      if (this.state.kind === 'ready') return this.state.engine;
      if (this.state.kind === 'broken') throw new EngineFailure(this.state.why);
      if (this.disposed) throw new EngineFailure('The engine has been shut down.');
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** Runs the model another way from the next request on; where that fails, it stays as it is. */
  move(chosen: ChosenPlan): void {
    this.chosen = chosen;
    this.post({ kind: 'move', chosen });
  }

  /** Cancels everything, lets the worker free its memory, and waits until it has ended. */
  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    clearTimeout(this.restart);
    this.cancellation.cancelUpTo(this.lastId);
    const { worker } = this;
    if (worker) {
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      this.post({ kind: 'dispose' });
      const patience = setTimeout(() => void worker.terminate(), DISPOSE_MS);
      await ended;
      clearTimeout(patience);
    }
    for (const pending of [...this.pending.values()]) pending.resolve(cancelled());
    this.wake();
  }

  private startWorker(): void {
    const { workerFile, bundleDir, grammarsDir, threads } = this.options;
    const workerData: WorkerStart = {
      bundleDir,
      grammarsDir,
      threads,
      chosen: this.chosen,
      restMs: this.options.restMs ?? 0,
      cancellation: this.cancellation.buffer,
    };
    this.enter({ kind: 'loading', what: 'worker', fraction: 0 });
    disableRuntimeTelemetry();
    const worker = new Worker(workerFile, { workerData, name: 'candor-engine' });
    this.worker = worker;
    this.lastError = undefined;
    worker.on('message', (message: FromWorker) => {
      this.hear(message, worker);
    });
    worker.on('error', (error) => {
      this.lastError = error instanceof Error ? error : new Error(String(error));
    });
    worker.once('exit', (code) => {
      this.bury(code);
    });
    // Requests that came while no worker was there.
    for (const pending of this.pending.values()) this.send(pending);
  }

  private hear(message: FromWorker, from: Worker): void {
    switch (message.kind) {
      case 'loading':
        this.enter(message);
        return;
      case 'ready':
        this.enter(message);
        return;
      case 'broken':
        this.giveUp(message.message);
        return;
      case 'progress':
        this.pending.get(message.id)?.onProgress?.(message.text);
        return;
      case 'question':
        void this.answer(message.id, message.number, message.question, from);
        return;
      case 'outcome':
        this.deaths = 0;
        this.pending.get(message.id)?.resolve(message.outcome);
        return;
      case 'read':
        this.endReading(message.id, message.reading);
        return;
      case 'failed':
        this.pending.get(message.id)?.reject(new EngineFailure(message.message));
    }
  }

  private endReading(id: number, reading?: ReadAhead): void {
    this.reading.get(id)?.(reading);
    this.reading.delete(id);
  }

  /** Answers go to the worker that asked: another one, started since, counts its own questions. */
  private async answer(id: number, question: number, asked: Question, asker: Worker): Promise<void> {
    const asking = this.pending.get(id);
    const answer = asking && (await this.ask(asked, asking));
    asker.postMessage({ kind: 'answer', question, answer } satisfies ToWorker);
  }

  /** A worker that waits for an answer cannot see that it is cancelled, so nothing is an answer then. */
  private ask(question: Question, { request, unwanted, whenUnwanted }: Pending): Promise<unknown> {
    const answer = this.options.answer?.(question, request.program, unwanted.signal).catch(() => undefined);
    return Promise.race([answer, whenUnwanted]);
  }

  /** The worker has ended: by our wish, or it died and is started again, unless that has helped too seldom. */
  private bury(code: number): void {
    this.worker = undefined;
    for (const id of [...this.reading.keys()]) this.endReading(id);
    if (this.disposed || this.state.kind === 'broken') return;
    this.deaths++;
    const why = causeOfDeath(this.lastError, code);
    if (this.deaths >= MOST_DEATHS) {
      this.giveUp(`${why} It did so ${this.deaths} times in a row; restart the server to try again.`);
      return;
    }
    if (this.chosen.plan.device !== 'cpu') this.chosen = { plan: onProcessor, why };
    const delayMs = (this.options.restartDelay ?? backOff)(this.deaths);
    for (const pending of [...this.pending.values()]) {
      pending.reject(new EngineFailure(`${why} It is being started again.`));
    }
    this.enter({ kind: 'restarting', why, delayMs });
    this.restart = setTimeout(() => {
      this.startWorker();
    }, delayMs);
  }

  private giveUp(why: string): void {
    this.enter({ kind: 'broken', why });
    for (const pending of [...this.pending.values()]) pending.reject(new EngineFailure(why));
    void this.worker?.terminate();
  }

  private enter(state: EngineState): void {
    this.state = state;
    this.options.onState?.(state);
    this.wake();
  }

  private wake(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const wake of waiters) wake();
  }

  private send({ id, request, onProgress }: Pending): void {
    this.post({ kind: 'write', id, request, progress: onProgress !== undefined });
  }

  private post(message: ToWorker): void {
    this.worker?.postMessage(message);
  }
}

/** A worker that does not end by itself is stopped after this long. */
const DISPOSE_MS = 2000;
