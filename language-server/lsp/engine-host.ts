/** The engine in use: opened as the settings say, opened anew when they say something else. */
import type { Engine } from '../completion/engine.js';
import { EngineFailure } from '../decoding/write-request.js';
import type { DeviceSetting } from '../protocol.js';
import type { AnswerQuestion } from '../decoding/worker-writer.js';

/** What an engine is opened with. */
export interface EngineOptions {
  /** Absolute folder of the bundle. */
  readonly bundle: string;
  /** Absolute folder of the grammars. */
  readonly grammars: string;
  /** Threads for the model; 0: the engine's own choice. */
  readonly threads: number;
  /** Where the model is to run. */
  readonly device: DeviceSetting;
  /** Minutes without a request after which the model is unloaded; 0: never. */
  readonly unloadMinutes: number;
  /** Absolute folder in which what is found out about this machine is kept. */
  readonly storage: string;
}

export interface OpenedEngine {
  /** Hears that a request has failed: the engine may open itself anew, or report that it is unavailable. */
  failed(error: unknown): void;
  /** Tries all devices and tells about them, as Markdown. */
  deviceReport?(): Promise<string>;
  close(): Promise<void>;
}

/** Opens an engine and reports how it stands, from the first `loading` on. Never throws. */
export type OpenEngine = (
  options: EngineOptions,
  report: (engine: Engine) => void,
  answer: AnswerQuestion,
) => OpenedEngine;

export class EngineHost {
  engine: Engine = { kind: 'loading', what: 'Starting', fraction: 0 };
  private opened: OpenedEngine | undefined;
  private options = '';

  constructor(
    private readonly open: OpenEngine,
    private readonly answer: AnswerQuestion,
    private readonly changed: () => void,
  ) {}

  /** Opens an engine with these options unless the one in use has them already. */
  use(options: EngineOptions): void {
    const wanted = JSON.stringify(options);
    if (wanted === this.options) return;
    this.options = wanted;
    void this.close();
    const report = (engine: Engine) => {
      if (this.options !== wanted) return;
      this.engine = engine;
      this.changed();
    };
    this.opened = this.open(options, report, this.answer);
  }

  failed(error: unknown): void {
    this.opened?.failed(error);
  }

  /** @throws EngineFailure when there is no engine that could try devices. */
  async deviceReport(): Promise<string> {
    const report = await this.opened?.deviceReport?.();
    if (report === undefined)
      throw new EngineFailure('No model is loaded, so no device can be tried with it.');
    return report;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await opened?.close();
  }
}
