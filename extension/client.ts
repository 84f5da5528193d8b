/** The language client: starts the server, restarts it when it ends, and passes on state, settings and questions. */
import path from 'node:path';
import { version, window, workspace, type ExtensionContext, type LogOutputChannel } from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  TransportKind,
  type CloseHandlerResult,
} from 'vscode-languageclient/node';
import {
  acceptedNotification,
  addModelNotification,
  addModelRequest,
  calibrateExitsRequest,
  calibrateRequest,
  calibrationNotification,
  cursorNotification,
  deviceReportRequest,
  draftsRequest,
  explainRequest,
  fillInRequest,
  learnedRequest,
  modelsRequest,
  removeModelRequest,
  explainSuggestionRequest,
  stopStatisticsRequest,
  settingsNotification,
  stateNotification,
  type Accepted,
  type AskForLearned,
  type Calibrate,
  type CalibrationProgress,
  type CalibrationReport,
  type Cursor,
  type DeviceReport,
  type ExitsCalibrated,
  type Explanation,
  type OfferedDrafts,
  type InitializationOptions,
  type ModelAdded,
  type ModelList,
  type Learned,
  type StopStatistics,
  type AskStopStatistics,
  type ServerState,
  type Settings,
  type SuggestionExplanation,
} from '../language-server/protocol.js';
import type { AskForCalibration } from './calibrate.js';
import { withoutTwins } from './identical-items.js';
import type { ModelRequests } from './models.js';
import type { AskForDrafts } from './pick-draft.js';
import { createRestartPolicy } from './restart-policy.js';
import { readSettings } from './settings.js';
import type { ClientState } from './status-view.js';

/** Files, new documents, and the cells of notebooks; not output panels, diffs or the commit box. */
export const documents = [{ scheme: 'file' }, { scheme: 'untitled' }, { scheme: 'vscode-notebook-cell' }];

/** The bundle that ships, as a folder under the extension's own. */
const shippedBundle = 'models/smollm2-135m';

/** Files that say something about which names exist. */
const watched =
  '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,json,jsonc,py,pyi,toml,cfg,go,mod,rs,java,c,cc,cpp,h,hpp}';

const restartRemedy = 'Run “Candor: Restart Server”, or look into “Candor: Show Log”.';

export interface Client {
  start(): Promise<void>;
  /** Ends the server and starts it afresh, whatever happened before. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  sendSettings(settings: Settings): Promise<void>;
  sendAccepted(accepted: Accepted): Promise<void>;
  sendCursor(cursor: Cursor): Promise<void>;
  /** Why the last request was answered with nothing; rejects when no server runs. */
  explain(): Promise<Explanation>;
  /** Null while nothing has been suggested; rejects when no server runs. */
  explainSuggestion(): Promise<SuggestionExplanation | null>;
  /** What has been learnt from suggestions on this machine, or that it is forgotten. */
  stopStatistics(asked: AskStopStatistics): Promise<StopStatistics>;
  /** Tries all devices, which takes minutes. */
  deviceReport(): Promise<DeviceReport>;
  calibrate: AskForCalibration;
  readonly models: ModelRequests;
  /** What use has taught about holes; rejects when no server runs. */
  learned(ask: AskForLearned): Promise<Learned>;
  drafts: AskForDrafts;
}

/** Makes the client without starting it. `show` hears of each change of state; `log` takes the server's log too. */
export function createClient(
  context: ExtensionContext,
  log: LogOutputChannel,
  show: (state: ClientState) => void,
): Client {
  const policy = createRestartPolicy();
  const module = context.asAbsolutePath(path.join('dist', 'server.mjs'));
  const server = { module, transport: TransportKind.ipc } as const;
  let complained = '';

  const initializationOptions = (): InitializationOptions => ({
    settings: readSettings(),
    trusted: workspace.isTrusted,
    defaultBundle: context.asAbsolutePath(shippedBundle),
    grammars: context.asAbsolutePath(path.join('dist', 'grammars')),
    storage: (context.storageUri ?? context.globalStorageUri).fsPath,
  });

  const closed = (): CloseHandlerResult => {
    const { restart, ends } = policy.ended(Date.now());
    if (restart) {
      show({ kind: 'starting' });
      const message = `The language server ended by itself (${ends} of late) and is started again.`;
      log.warn(message);
      return { action: CloseAction.Restart, message, handled: true };
    }
    stopped(`The language server ended ${ends} times within five minutes and is left down.`);
    return { action: CloseAction.DoNotRestart, handled: true };
  };

  const stopped = (problem: string) => {
    show({ kind: 'stopped', problem, remedy: restartRemedy });
    complain(problem, restartRemedy);
  };

  /** Each problem is told once, not with every restart that meets it again. */
  const complain = (problem: string, remedy: string) => {
    if (problem === complained) return;
    complained = problem;
    log.error(`${problem} ${remedy}`);
    void window.showErrorMessage(`Candor: ${problem} ${remedy}`, 'Show Log').then((choice) => {
      if (choice !== undefined) log.show();
    });
  };

  const client = new LanguageClient(
    'candor',
    'Candor',
    { run: server, debug: server },
    {
      documentSelector: documents,
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions,
      // Analysis servers keep what they have read of the workspace.
      synchronize: { fileEvents: workspace.createFileSystemWatcher(watched) },
      errorHandler: { error: () => ({ action: ErrorAction.Continue }), closed },
      initializationFailedHandler: () => false,
      middleware: {
        provideInlineCompletionItems: async (document, position, inContext, token, next) => {
          const answered = await next(document, position, inContext, token);
          const items = Array.isArray(answered) ? answered : answered?.items;
          return items && [...withoutTwins(items, version)];
        },
      },
    },
  );
  client.onNotification(stateNotification, (state: ServerState) => {
    show(state);
    if (state.kind === 'unavailable') complain(state.problem, state.remedy);
    if (state.kind === 'ready') complained = '';
  });

  let starting: Promise<void> = Promise.resolve();
  const start = () => {
    starting = startServer();
    return starting;
  };
  const startServer = async () => {
    show({ kind: 'starting' });
    try {
      await client.start();
    } catch (error) {
      stopped(
        `The language server did not start: ${error instanceof Error ? error.message : String(error)}.`,
      );
    }
  };
  /** Before the server runs there is nobody to tell: it reads the settings when it starts. */
  const send = async (method: string, value: unknown) => {
    if (client.isRunning()) await client.sendNotification(method, value);
  };

  return {
    start,
    restart: async () => {
      policy.forget();
      complained = '';
      // A server that is starting has been told what held then: settings, and whether the workspace is trusted.
      await starting;
      if (client.isRunning()) await client.stop();
      await start();
    },
    stop: () => (client.isRunning() ? client.stop() : Promise.resolve()),
    sendSettings: (settings) => send(settingsNotification, settings),
    sendAccepted: (accepted) => send(acceptedNotification, accepted),
    sendCursor: async (cursor) => {
      // The first cursor rests while the server starts: it waits for it, where settings would be read anyway.
      await starting;
      await send(cursorNotification, cursor);
    },
    explain: () => client.sendRequest<Explanation>(explainRequest),
    models: {
      list: () => client.sendRequest<ModelList>(modelsRequest),
      add: async (wanted, token, progress) => {
        const hearing = client.onNotification(addModelNotification, progress);
        return client.sendRequest<ModelAdded>(addModelRequest, wanted, token).finally(() => {
          hearing.dispose();
        });
      },
      remove: (name) => client.sendRequest(removeModelRequest, { name }),
      fillIn: (wanted) => client.sendRequest<string>(fillInRequest, wanted),
      calibrateExits: async (wanted, token, progress) => {
        const hearing = client.onNotification(addModelNotification, progress);
        return client.sendRequest<ExitsCalibrated>(calibrateExitsRequest, wanted, token).finally(() => {
          hearing.dispose();
        });
      },
    },
    deviceReport: () => client.sendRequest<DeviceReport>(deviceReportRequest),
    learned: (ask) => client.sendRequest<Learned>(learnedRequest, ask),
    drafts: (wanted, token) => client.sendRequest<OfferedDrafts>(draftsRequest, wanted, token),
    explainSuggestion: () => client.sendRequest<SuggestionExplanation | null>(explainSuggestionRequest),
    stopStatistics: (asked) => client.sendRequest<StopStatistics>(stopStatisticsRequest, asked),
    calibrate: async (folder, token, progress) => {
      const hearing = client.onNotification(calibrationNotification, (told: CalibrationProgress) => {
        progress(told);
      });
      const wanted: Calibrate = { folder: folder.toString() };
      return client.sendRequest<CalibrationReport>(calibrateRequest, wanted, token).finally(() => {
        hearing.dispose();
      });
    },
  };
}
