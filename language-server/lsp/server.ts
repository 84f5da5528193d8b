/** The server's table of contents: which message goes where. */
import {
  DidChangeWorkspaceFoldersNotification,
  TextDocumentSyncKind,
  type CancellationToken,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { askAtHole } from '../completion/ask-at-hole.js';
import { Aftermath } from '../completion/aftermath.js';
import { noAnalysis, type OpenAnalysis } from '../completion/analysis.js';
import { isMonitored } from '../completion/ask-model.js';
import { Completer } from '../completion/complete.js';
import { waitByClock } from '../completion/debounce.js';
import type { Document } from '../completion/document.js';
import { explain, type Report } from '../completion/explain.js';
import { LastSuggestion } from '../completion/explain-suggestion.js';
import { Judgements } from '../completion/judgements-store.js';
import { grammarsFrom } from '../completion/grammar-for.js';
import { usualStore } from '../completion/hole-promises.js';
import { Learning } from '../completion/learning.js';
import { promisedItems, settingsInUse, type Promises } from '../completion/promised-items.js';
import { StopLearning } from '../completion/stop-learning.js';
import { neighborsIn } from '../completion/read-neighbors.js';
import { describeEngine } from '../completion/trace-line.js';
import { EngineFailure } from '../decoding/write-request.js';
import { defaultSettings } from '../default-settings.js';
import {
  acceptCommand,
  acceptedNotification,
  calibrateRequest,
  cursorNotification,
  draftsRequest,
  deviceReportRequest,
  explainRequest,
  learnedRequest,
  explainSuggestionRequest,
  stopStatisticsRequest,
  settingsNotification,
  type Accepted,
  type AskForLearned,
  type Calibrate,
  type DraftsWanted,
  type DeviceReport,
  type Cursor,
  type AskStopStatistics,
  type Settings,
} from '../protocol.js';
import { calibrateFor } from './calibration.js';
import { offerDrafts } from './drafts.js';
import { Documents } from './documents.js';
import { EngineHost, type OpenEngine } from './engine-host.js';
import {
  foldersAfter,
  foldersOf,
  readOptions,
  readSettings,
  takesSnippets,
  type ReadSettings,
} from './from-protocol.js';
import { provideInlineCompletion } from './inline-completion.js';
import { serveModels, type ModelKeeper } from './models.js';
import { chooseEncoding, toOffset, type PositionEncoding } from './positions.js';
import { learnedFor } from './learned.js';
import { placeTypedAt } from './typed-place.js';
import { States } from './states.js';

/** What the server is made of besides the connection. */
export interface ServerParts {
  readonly openEngine: OpenEngine;
  /** Absent: nobody knows which names exist. */
  readonly openAnalysis?: OpenAnalysis;
  /** Absolute folders used when the client names none. */
  readonly defaultBundle: string;
  readonly grammars: string;
  /** Who keeps the user's models; a server without one refuses to change them. */
  readonly models?: ModelKeeper;
}

/** Installs all handlers and listens. */
export function startServer(connection: Connection, parts: ServerParts): void {
  let encoding: PositionEncoding = 'utf-16';
  let settings: Settings = defaultSettings;
  let folders: readonly string[] = [];
  let trusted = true;
  let { defaultBundle, grammars } = parts;
  let languageOf = grammarsFrom(grammars);
  let stores: readonly string[] = [usualStore(process.env)];
  let snippets = false;
  let lastReport: Report | undefined;
  const judgements = new Judgements(usualStore(process.env), (problem) => {
    connection.console.warn(problem);
  });
  const stopLearning = new StopLearning(judgements);
  const lastSuggestion = new LastSuggestion(() =>
    host.engine.kind === 'ready' ? host.engine.model.layers : undefined,
  );

  const log = (line: string) => {
    connection.console.info(line);
  };
  const told = new Set<string>();
  const tellOnce = (sentence: string) => {
    if (told.has(sentence)) return;
    told.add(sentence);
    connection.window.showInformationMessage(`Candor: ${sentence}`);
  };
  const schedule = (ms: number, action: () => void) => {
    setTimeout(action, ms).unref();
  };
  const learning = new Learning({
    log: (line) => {
      log(line);
    },
    warn: (sentence) => {
      connection.window.showWarningMessage(`Candor: ${sentence}`);
    },
  });
  const aftermath = new Aftermath(schedule);
  const documents = new Documents(() => encoding);
  const analysis = (parts.openAnalysis ?? (() => noAnalysis))({
    folders: () => folders,
    trusted: () => trusted,
    commands: () => settings.analysisServers,
    documents: () => documents.all(),
    changed: () => {
      states.monitorsChanged();
      for (const problem of analysis.problems()) connection.console.warn(problem);
    },
  });
  const warm = (document: Document) => {
    if (settings.enable && isMonitored(settings, document.languageId)) void analysis.warm(document);
  };
  const host = new EngineHost(parts.openEngine, analysis.answer, () => {
    completer.forget();
    states.engineChanged();
    log(describeEngine(host.engine));
    if (host.engine.kind === 'ready') void completer.ahead.engineReady();
  });
  const states = new States(
    connection,
    () => host.engine,
    () => analysis.problems(),
  );
  const completer = new Completer({
    engine: () => host.engine,
    settings: () => settingsInUse(settings),
    // Calibrations know no open documents, so promises hold without them.
    neighbors: () => neighborsIn(folders, settings.holes === 0 ? documents.all() : []),
    offer: (items, context, asked, signal) => {
      const { engine } = host;
      if (asked.holes === 0) return Promise.resolve(items);
      const model = engine.kind === 'ready' ? engine.model : undefined;
      const seen = { languageOf, model, folders, stores, takesSnippets: snippets };
      const askAt: Promises['askAt'] = (item, document, under, until) =>
        engine.kind === 'ready'
          ? askAtHole(item, document, engine, under, neighborsIn(folders, []), until)
          : () => Promise.resolve([]);
      const promises = { ...seen, askAt, caveat: tellOnce, learning, aftermath };
      return promisedItems(items, context, asked, promises, signal);
    },
    wait: waitByClock,
    schedule,
    now: () => performance.now(),
    log,
    local: () => stopLearning.local,
    judged: (verdict) => {
      const { kind, item, inferred } = verdict;
      log(`suggestion ${item} ${kind}${inferred ? ' (inferred)' : ''}`);
      stopLearning.judged(verdict);
    },
    failed: (error) => {
      // A broken engine tells of itself by its state; all else is a bug of ours, and the log has the story.
      if (error instanceof Error && !(error instanceof EngineFailure))
        connection.console.error(error.stack ?? error.message);
      host.failed(error);
    },
  });

  const useSettings = (read: ReadSettings) => {
    for (const problem of read.problems) connection.console.warn(problem);
    const { analysisServers: before } = settings;
    settings = read.settings;
    if (JSON.stringify(before) !== JSON.stringify(settings.analysisServers)) void analysis.stop();
    completer.forget();
    // What a workspace says about a folder to load code and weights from counts only when it is trusted.
    const bundle = trusted && settings.bundle !== '' ? settings.bundle : defaultBundle;
    const { threads, device, unloadMinutes } = settings;
    // What a machine can do is the same in all workspaces.
    const storage = usualStore(process.env);
    host.use({ bundle, grammars, threads, device, unloadMinutes, storage });
  };

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    const options = readOptions(params.initializationOptions);
    encoding = chooseEncoding(params.capabilities.general?.positionEncodings);
    folders = foldersOf(params);
    ({ trusted } = options);
    ({ defaultBundle = defaultBundle, grammars = grammars } = options);
    languageOf = grammarsFrom(grammars);
    if (options.storage !== undefined) stores = [options.storage, ...stores];
    snippets = takesSnippets(params, options.isOurs);
    states.listening = options.isOurs;
    setImmediate(useSettings, options);
    return {
      serverInfo: { name: 'candor' },
      capabilities: {
        positionEncoding: encoding,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        inlineCompletionProvider: true,
        // Our own client registers the command itself and forwards it as a notification.
        ...(!options.isOurs && { executeCommandProvider: { commands: [acceptCommand] } }),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    warm(documents.opened(uri, languageId, version, text));
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const document = documents.changed(uri, version, contentChanges);
    if (!document) return;
    aftermath.documentChanged(document);
    completer.documentChanged(document);
    analysis.changed(document);
    const typed = placeTypedAt(document, contentChanges, encoding);
    if (typed && settings.enable && isMonitored(settings, document.languageId)) analysis.ahead(typed);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    documents.closed(uri);
    completer.documentClosed(uri);
    aftermath.documentClosed(uri);
  });

  const edge = {
    documents,
    completer,
    states,
    encoding: () => encoding,
    told: (report: Report) => {
      log(report.line);
      lastReport = report;
      lastSuggestion.told(report.completions);
      stopLearning.told(report.completions);
    },
    failed: (message: string) => {
      connection.console.error(message);
    },
  };
  connection.languages.inlineCompletion.on((params, token) => provideInlineCompletion(edge, params, token));

  connection.onRequest(draftsRequest, (wanted: DraftsWanted, token: CancellationToken) =>
    offerDrafts(edge, wanted, token),
  );
  connection.onRequest(deviceReportRequest, async (): Promise<DeviceReport> => {
    return { markdown: await host.deviceReport() };
  });
  connection.onRequest(explainRequest, () => explain(lastReport));
  connection.onRequest(explainSuggestionRequest, () => lastSuggestion.explain() ?? null);
  connection.onRequest(stopStatisticsRequest, ({ forget }: AskStopStatistics) => stopLearning.asked(forget));
  connection.onRequest(calibrateRequest, (wanted: Calibrate, token: CancellationToken) => {
    const { engine } = host;
    const parts = { connection, engine, settings, folders, trusted, languageOf, store: stores[0]! };
    return calibrateFor(parts, wanted, token);
  });
  serveModels(connection, parts.models, () => ({
    trusted,
    mirror: settings.mirror,
    defaultBundle,
    folders,
  }));
  const accepted = (item: string) => {
    completer.accepted(item);
    aftermath.accepted(item);
  };
  connection.onRequest(learnedRequest, (ask: AskForLearned) => {
    const model = host.engine.kind === 'ready' ? host.engine.model.identity : undefined;
    return learnedFor({ learning, folders, store: stores[0]!, model }, ask);
  });
  connection.onNotification(acceptedNotification, ({ item }: Accepted) => {
    accepted(item);
  });
  connection.onNotification(cursorNotification, ({ uri, ...position }: Cursor) => {
    const document = documents.get(uri);
    const offset = document && toOffset(document, position, encoding);
    if (document && offset !== undefined) void completer.ahead.cursorRests({ document, offset });
  });
  connection.onExecuteCommand(({ command, arguments: [item] = [] }) => {
    if (command === acceptCommand && typeof item === 'string') accepted(item);
    return null;
  });
  connection.onNotification(settingsNotification, (value: unknown) => {
    useSettings(readSettings(value));
  });
  connection.onDidChangeConfiguration(({ settings: changed }: { settings: { candor?: unknown } | null }) => {
    if (changed?.candor !== undefined) useSettings(readSettings(changed.candor));
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    analysis.filesChanged(changes);
  });
  connection.onNotification(DidChangeWorkspaceFoldersNotification.type, ({ event }) => {
    folders = foldersAfter(folders, event);
    completer.forget();
  });
  connection.onShutdown(async () => {
    parts.models?.close();
    await Promise.all([host.close(), analysis.stop(), learning.settled(), judgements.settled()]);
  });
  void judgements.load();
  connection.listen();
}
