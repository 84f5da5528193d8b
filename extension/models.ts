/** “Add Model…” and “Choose Model”: which model completes, out of the one that ships and the user's own. */
import {
  ProgressLocation,
  QuickInputButtons,
  ThemeIcon,
  Uri,
  window,
  workspace,
  type CancellationToken,
  type QuickInputButton,
  type QuickPickItem,
} from 'vscode';
import type {
  AddModelProgress,
  ExitsCalibrated,
  ExitsToCalibrate,
  FillInTokens,
  ModelAdded,
  ModelEntry,
  ModelList,
  ModelToAdd,
} from '../language-server/protocol.js';
import { calibrateExits } from './calibrate-exits.js';
import { readSettings, writeBundle } from './settings.js';

/** What is asked of the server. Each rejects with a sentence. */
export interface ModelRequests {
  list(): Promise<ModelList>;
  add(
    wanted: ModelToAdd,
    token: CancellationToken,
    progress: (told: AddModelProgress) => void,
  ): Promise<ModelAdded>;
  remove(name: string): Promise<unknown>;
  fillIn(wanted: FillInTokens): Promise<string>;
  calibrateExits(
    wanted: ExitsToCalibrate,
    token: CancellationToken,
    progress: (told: AddModelProgress) => void,
  ): Promise<ExitsCalibrated>;
}

export interface Models {
  add(): Promise<void>;
  choose(): Promise<void>;
}

export function createModels(requests: ModelRequests): Models {
  return {
    add: () => told(() => add(requests)),
    choose: () => told(() => choose(requests)),
  };
}

/** Failures are sentences for the user. */
async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    void window.showErrorMessage(`Candor: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function add(requests: ModelRequests): Promise<void> {
  const from = await chooseSource();
  if (from === undefined) return;
  const proxy = workspace.getConfiguration('http').get<string>('proxy');
  const added = await window.withProgress(
    { location: ProgressLocation.Notification, title: 'Candor adds a model', cancellable: true },
    async (shown, token) => {
      let done = 0;
      try {
        return await requests.add({ from, ...(proxy && { proxy }) }, token, ({ share, text }) => {
          const increment = Math.max(0, 100 * (share - done));
          done = share;
          shown.report({ message: text, increment });
        });
      } catch (error) {
        if (!token.isCancellationRequested) throw error;
        void window.showInformationMessage(
          'Candor: stopped. Adding the same model again goes on from there.',
        );
        return undefined;
      }
    },
  );
  if (added) await offer(added, requests);
}

async function offer(added: ModelAdded, requests: ModelRequests): Promise<void> {
  const [use, correct] = ['Use It', 'Correct Fill-In Tokens…'];
  const choice = await window.showInformationMessage(
    `Candor: ${added.name} is added. ${added.summary}`,
    use,
    correct,
  );
  if (choice === use) await writeBundle(added.folder);
  if (choice === correct) {
    const text = await window.showInputBox({
      title: `Fill-in tokens of ${added.name}`,
      prompt: 'Ahead of the text before the cursor, after it, and at it, with commas between; or none.',
      value: added.fillInTheMiddle?.join(',') ?? 'none',
      validateInput: (value) =>
        tokensOf(value) === undefined ? 'Three tokens with commas between, or none.' : undefined,
    });
    const tokens = text === undefined ? undefined : tokensOf(text);
    if (tokens !== undefined) {
      const says = await requests.fillIn({ folder: added.folder, tokens });
      await offer({ ...added, summary: `It ${says}.`, fillInTheMiddle: tokens }, requests);
    }
  }
}

/** Three tokens, null for none, undefined for anything else. */
function tokensOf(text: string): FillInTokens['tokens'] | undefined {
  if (text.trim() === 'none') return null;
  const [prefix, suffix, middle, ...more] = text.split(',').map((token) => token.trim());
  return prefix && suffix && middle && more.length === 0 ? [prefix, suffix, middle] : undefined;
}

async function chooseSource(): Promise<string | undefined> {
  const [file, folder, address] = [
    'A GGUF file…',
    'The folder of a checkpoint…',
    'The address of a GGUF file…',
  ];
  const kind = await window.showQuickPick([file, folder, address], { title: 'Candor: Add Model' });
  if (kind === undefined) return undefined;
  if (kind === address) {
    return window.showInputBox({
      title: 'Candor: Add Model',
      prompt: 'The file is fetched from there, and nothing else is.',
      placeHolder: 'https://huggingface.co/…/resolve/main/model.gguf',
    });
  }
  const [chosen] =
    (await window.showOpenDialog({
      title: 'Candor: Add Model',
      canSelectFiles: kind === file,
      canSelectFolders: kind === folder,
      ...(kind === file && { filters: { 'GGUF files': ['gguf'], 'All files': ['*'] } }),
    })) ?? [];
  return chosen?.fsPath;
}

interface ModelItem extends QuickPickItem {
  readonly model?: ModelEntry;
}

const removeButton: QuickInputButton = { iconPath: new ThemeIcon('trash'), tooltip: 'Remove This Model' };
const calibrateButton: QuickInputButton = {
  iconPath: new ThemeIcon('beaker'),
  tooltip: 'Calibrate Early Exit on This Workspace',
};
const addButton: QuickInputButton = { iconPath: new ThemeIcon('add'), tooltip: 'Add Model…' };

async function choose(requests: ModelRequests): Promise<void> {
  const pick = window.createQuickPick<ModelItem>();
  pick.title = 'Candor: Choose Model';
  pick.placeholder = 'Which model completes';
  pick.matchOnDetail = true;
  pick.buttons = [addButton];
  pick.onDidTriggerButton((button) => {
    pick.hide();
    if (button !== QuickInputButtons.Back) void told(() => add(requests));
  });
  pick.onDidTriggerItemButton(({ item: { model }, button }) => {
    if (!model) return;
    pick.hide();
    void told(async () => {
      if (button === calibrateButton) await calibrateExits(model, isInUse(model), requests);
      else await remove(model, requests);
    });
  });
  pick.onDidAccept(() => {
    const model = pick.selectedItems[0]?.model;
    pick.hide();
    if (!model) return;
    if (model.problem !== undefined) void window.showErrorMessage(`Candor: ${model.problem}`);
    else void told(() => writeBundle(model.isShipped ? '' : model.folder));
  });
  pick.onDidHide(() => {
    pick.dispose();
  });
  // The first time, the model that ships is measured before the list is there.
  pick.busy = true;
  pick.show();
  try {
    pick.items = itemsOf(await requests.list());
    pick.busy = false;
  } catch (error) {
    pick.hide();
    throw error;
  }
}

function itemsOf({ models, unfinished }: ModelList): ModelItem[] {
  const { bundle } = readSettings();
  const chosen =
    models.find(({ folder }) => sameFolder(folder, bundle)) ?? models.find((one) => one.isShipped);
  return [
    ...models.map((model) => ({
      model,
      label: `${model === chosen ? '$(check) ' : ''}${model.title}`,
      description: model.isShipped ? 'ships with Candor' : model.name,
      detail: model.problem ?? model.details,
      buttons: model.isShipped
        ? []
        : model.problem === undefined
          ? [calibrateButton, removeButton]
          : [removeButton],
    })),
    ...unfinished.map((name) => ({
      label: name,
      description: 'unfinished',
      detail: 'Add it again to go on.',
    })),
  ];
}

async function remove(model: ModelEntry, requests: ModelRequests): Promise<void> {
  const choice = await window.showWarningMessage(
    `Remove ${model.title} and its files in ${model.folder}?`,
    { modal: true },
    'Remove',
  );
  if (choice === undefined) return;
  // The model in use is put down first: the one that ships takes over.
  if (isInUse(model)) await writeBundle('');
  await requests.remove(model.name);
  void window.showInformationMessage(`Candor: ${model.title} is removed.`);
}

function isInUse({ folder }: ModelEntry): boolean {
  return sameFolder(folder, readSettings().bundle);
}

function sameFolder(left: string, right: string): boolean {
  return right !== '' && Uri.file(left).fsPath === Uri.file(right).fsPath;
}
