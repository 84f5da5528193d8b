/** The commands of the palette and of the status item's menu. */
import { commands, window, type Disposable, type LogOutputChannel, type QuickPickItem } from 'vscode';
import { acceptCommand } from '../language-server/protocol.js';
import type { Calibrator } from './calibrate.js';
import type { ChoiceKeeper } from './choices.js';
import type { Client } from './client.js';
import type { DeviceReporter } from './device-report.js';
import type { DraftPicker } from './pick-draft.js';
import type { Explainer } from './explain.js';
import type { Models } from './models.js';
import type { SuggestionExplainer } from './explain-suggestion.js';
import type { LearnedPage } from './learned.js';
import { languageIsOn, readSettings, writeEnable, writeHoles, writeLanguage, writeStop } from './settings.js';

/** What the commands act upon. */
export interface Parts {
  readonly client: Client;
  readonly explainer: Explainer;
  readonly suggestionExplainer: SuggestionExplainer;
  readonly calibrator: Calibrator;
  readonly learned: LearnedPage;
  readonly keeper: ChoiceKeeper;
  readonly models: Models;
  readonly picker: DraftPicker;
  readonly devices: DeviceReporter;
  readonly log: LogOutputChannel;
}

/** Registers every command; the caller owns what is returned. */
export function registerCommands({
  client,
  explainer,
  suggestionExplainer,
  calibrator,
  learned,
  keeper,
  models,
  picker,
  devices,
  log,
}: Parts): Disposable[] {
  const actions: Record<string, (...values: readonly unknown[]) => unknown> = {
    'candor.toggle': () => writeEnable(!readSettings().enable),
    'candor.trigger': () => commands.executeCommand('editor.action.inlineSuggest.trigger'),
    'candor.restart': () => client.restart(),
    'candor.showLog': () => {
      log.show();
    },
    'candor.deviceReport': () => devices.show(),
    'candor.why': () => answered(client, () => explainer.explain()),
    'candor.pickDraft': () => answered(client, () => picker.pick()),
    'candor.explainSuggestion': () => answered(client, () => suggestionExplainer.explain()),
    'candor.toggleStop': () => toggleStop(),
    'candor.showStopStatistics': () => answered(client, () => tellStatistics(client, false)),
    'candor.forgetStopStatistics': () => answered(client, () => tellStatistics(client, true)),
    'candor.toggleHoles': () => toggleHoles(),
    'candor.calibrate': () => calibrator.calibrate(),
    'candor.learned': () => learned.show(),
    'candor.forgetLearned': () => learned.forget(),
    'candor.addModel': () => models.add(),
    'candor.chooseModel': () => models.choose(),
    'candor.menu': () => openMenu(),
    [acceptCommand]: (item, choices) => {
      if (Array.isArray(choices)) keeper.accepted(choices.map(String));
      return typeof item === 'string' ? client.sendAccepted({ item }) : undefined;
    },
  };
  return Object.entries(actions).map(([name, action]) => commands.registerCommand(name, action));
}

/** A server that is down cannot answer; the client knows that much. */
async function answered(client: Client, ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const choice = await window.showErrorMessage(
      `Candor: the language server does not answer (${why}).`,
      'Restart Server',
    );
    if (choice !== undefined) await client.restart();
  }
}

/** Stops at every level but `off`; where it was off, in the middle. */
async function toggleStop(): Promise<void> {
  const stop = readSettings().stop === 'off' ? 'balanced' : 'off';
  await writeStop(stop);
  const says =
    stop === 'off'
      ? 'suggestions run to their natural end.'
      : 'suggestions stop where the model is not sure (candor.stop: balanced).';
  void window.showInformationMessage(`Candor: ${says}`);
}

async function tellStatistics(client: Client, forget: boolean): Promise<void> {
  const { text } = await client.stopStatistics({ forget });
  void window.showInformationMessage(`Candor: ${text}`);
}

/** Wrong outside their holes at most one time in five: that is where measurably much text is kept. */
const usualEpsilon = 0.2;

async function toggleHoles(): Promise<void> {
  const on = readSettings().holes !== 0;
  await writeHoles(on ? 0 : usualEpsilon);
  if (on) return;
  const choice = await window.showInformationMessage(
    `Candor: holes are on, with ε = ${usualEpsilon}. Only what a calibration can promise is offered from now on.`,
    'Calibrate on This Workspace',
  );
  if (choice !== undefined) await commands.executeCommand('candor.calibrate');
}

interface Entry extends QuickPickItem {
  readonly run: () => unknown;
}

/** What one may want from the status item, the likeliest first. */
async function openMenu(): Promise<void> {
  const settings = readSettings();
  const language = window.activeTextEditor?.document.languageId;
  const command = (name: string) => () => commands.executeCommand(name);
  const entries: Entry[] = [
    {
      label: settings.enable ? '$(circle-slash) Switch completions off' : '$(sparkle) Switch completions on',
      run: command('candor.toggle'),
    },
  ];
  if (language !== undefined && settings.enable) {
    const on = languageIsOn(settings, language);
    entries.push({
      label: `${on ? '$(circle-slash)' : '$(sparkle)'} Switch completions ${on ? 'off' : 'on'} for ${language}`,
      run: () => writeLanguage(language, !on),
    });
  }
  entries.push(
    {
      label: `${settings.stop === 'off' ? '$(debug-stop) Stop' : '$(debug-continue) Do not stop'} suggestions where the model is unsure`,
      run: command('candor.toggleStop'),
    },
    { label: '$(question) Why was there no suggestion?', run: command('candor.why') },
    { label: '$(library) Choose model', run: command('candor.chooseModel') },
    { label: '$(list-tree) Explain the last suggestion', run: command('candor.explainSuggestion') },
    { label: '$(chip) Show device report', run: command('candor.deviceReport') },
    { label: '$(output) Show log', run: command('candor.showLog') },
    { label: '$(debug-restart) Restart server', run: command('candor.restart') },
    {
      label: '$(gear) Settings',
      run: () => commands.executeCommand('workbench.action.openSettings', 'candor.'),
    },
  );
  const chosen = await window.showQuickPick(entries, { title: 'Candor' });
  await chosen?.run();
}
