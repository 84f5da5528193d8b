/** Where the extension begins: makes the status item, the client and the commands, and nothing else. */
import { window, workspace, type ExtensionContext } from 'vscode';
import { createCalibrator } from './calibrate.js';
import { createChoiceKeeper } from './choices.js';
import { createClient, documents, type Client } from './client.js';
import { registerCommands } from './commands.js';
import { watchCursor } from './cursor.js';
import { createDeviceReporter } from './device-report.js';
import { createExplainer } from './explain.js';
import { createLearnedPage } from './learned.js';
import { createModels } from './models.js';
import { createDraftPicker } from './pick-draft.js';
import { createSuggestionExplainer } from './explain-suggestion.js';
import { onSettingsChange } from './settings.js';
import { createStatusItem } from './status-item.js';
import type { ClientState } from './status-view.js';

let running: Client | undefined;

/** Returns at once; the server and its model load beside the editor, and the status item tells how far they are. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Candor', { log: true });
  const status = createStatusItem(documents);
  let state: ClientState = { kind: 'starting' };
  const show = (next: ClientState) => {
    state = next;
    status.show(next);
  };
  const client = createClient(context, log, show);
  running = client;
  const explainer = createExplainer(() => client.explain());
  const suggestionExplainer = createSuggestionExplainer(() => client.explainSuggestion());
  const calibrator = createCalibrator((...asked) => client.calibrate(...asked));
  const learned = createLearnedPage(client);
  const keeper = createChoiceKeeper();
  const picker = createDraftPicker(
    documents,
    (...asked) => client.drafts(...asked),
    (item) => client.sendAccepted({ item }),
  );
  const devices = createDeviceReporter(() => client.deviceReport());
  context.subscriptions.push(
    calibrator,
    learned,
    keeper,
    picker,
    devices,
    log,
    status,
    explainer,
    suggestionExplainer,
    ...registerCommands({
      client,
      explainer,
      suggestionExplainer,
      calibrator,
      learned,
      keeper,
      models: createModels(client.models),
      picker,
      devices,
      log,
    }),
    onSettingsChange((settings) => {
      show(state);
      void client.sendSettings(settings);
    }),
    watchCursor(documents, (cursor) => void client.sendCursor(cursor)),
    // Trust is part of what the server is told when it starts.
    workspace.onDidGrantWorkspaceTrust(() => client.restart()),
  );
  log.info(`Candor ${String((context.extension.packageJSON as { version: unknown }).version)} starts.`);
  void client.start();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
  running = undefined;
}
