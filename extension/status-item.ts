/** The status bar item and the language status entry: both show the same view of the same state. */
import {
  languages,
  LanguageStatusSeverity,
  StatusBarAlignment,
  ThemeColor,
  window,
  type DocumentSelector,
} from 'vscode';
import { languageIsOn, readSettings } from './settings.js';
import { statusView, type ClientState, type StatusView } from './status-view.js';

/** Milliseconds that a generation may last before the spinner turns: shorter ones would only flicker. */
const spinAfterMs = 300;

export interface StatusItem {
  show(state: ClientState): void;
  dispose(): void;
}

/** Shows `starting` at once; a click on either opens the menu. Owned and disposed by the caller. */
export function createStatusItem(selector: DocumentSelector): StatusItem {
  const bar = window.createStatusBarItem('candor.status', StatusBarAlignment.Right, 100);
  bar.name = 'Candor';
  bar.command = 'candor.menu';
  const entry = languages.createLanguageStatusItem('candor.status', selector);
  entry.name = 'Candor';
  entry.command = { command: 'candor.menu', title: 'Menu' };

  let state: ClientState = { kind: 'starting' };
  let spin: NodeJS.Timeout | undefined;

  const paint = () => {
    const view = statusView(state, switchedOff(selector), readSettings().stop);
    bar.text = view.text;
    bar.tooltip = view.detail;
    bar.accessibilityInformation = { label: `Candor: ${view.state}. ${view.detail}`, role: 'button' };
    bar.backgroundColor =
      view.severity === 'error' ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    entry.text = `Candor: ${view.state}`;
    entry.detail = view.detail;
    entry.busy = view.busy;
    entry.severity = severities[view.severity];
  };
  const show = (next: ClientState) => {
    state = next;
    clearTimeout(spin);
    if (next.kind === 'busy') spin = setTimeout(paint, spinAfterMs);
    else paint();
  };
  const listeners = [window.onDidChangeActiveTextEditor(paint)];
  paint();
  bar.show();
  return {
    show,
    dispose: () => {
      clearTimeout(spin);
      for (const owned of [bar, entry, ...listeners]) owned.dispose();
    },
  };
}

const severities: Record<StatusView['severity'], LanguageStatusSeverity> = {
  information: LanguageStatusSeverity.Information,
  warning: LanguageStatusSeverity.Warning,
  error: LanguageStatusSeverity.Error,
};

/** The switch that silences completions in the file in view, in words; empty when none does. */
function switchedOff(selector: DocumentSelector): string {
  const settings = readSettings();
  if (!settings.enable) return 'Completions are switched off.';
  const document = window.activeTextEditor?.document;
  if (!document || languages.match(selector, document) === 0) return '';
  if (languageIsOn(settings, document.languageId)) return '';
  return `Completions are switched off for ${document.languageId}.`;
}
