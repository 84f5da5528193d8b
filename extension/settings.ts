/** The only reader of VS Code's settings: hands over one complete record, and writes the switch. */
import { ConfigurationTarget, workspace, type Disposable } from 'vscode';
import type { Settings } from '../language-server/protocol.js';

const section = 'candor';
type Key = Extract<keyof Settings, string>;

/**
 * The settings as they hold now, defaults included (package.json declares a default for each key).
 * A value of another type than the default's counts as not set: settings files are written by hand.
 * In an untrusted workspace VS Code itself leaves out what the workspace says about restricted keys.
 */
export function readSettings(): Settings {
  const configuration = workspace.getConfiguration(section);
  const read = <K extends Key>(key: K): Settings[K] => {
    const value = configuration.get<Settings[K]>(key);
    const byDefault = configuration.inspect<Settings[K]>(key)?.defaultValue;
    if (byDefault === undefined) throw new Error(`package.json declares no default for candor.${key}.`);
    return value !== undefined && typeof value === typeof byDefault ? value : byDefault;
  };
  return {
    enable: read('enable'),
    languages: { ...read('languages') },
    trigger: read('trigger'),
    delayMs: read('delayMs'),
    budgetMs: read('budgetMs'),
    maxTokens: read('maxTokens'),
    promptTokens: read('promptTokens'),
    lines: read('lines'),
    drafts: read('drafts'),
    drafting: read('drafting'),
    inComments: read('inComments'),
    inStrings: read('inStrings'),
    prepareNext: read('prepareNext'),
    readAhead: read('readAhead'),
    syntax: { ...read('syntax') },
    backUp: read('backUp'),
    monitors: { ...read('monitors') },
    analysisServers: { ...read('analysisServers') },
    holes: read('holes'),
    maxHoles: read('maxHoles'),
    stop: read('stop'),
    rescore: read('rescore'),
    exits: read('exits'),
    depthCaps: { ...read('depthCaps') },
    speculation: read('speculation'),
    bundle: read('bundle'),
    device: read('device'),
    unloadMinutes: read('unloadMinutes'),
    threads: read('threads'),
    mirror: read('mirror'),
  };
}

/** Calls `listener` with the whole record whenever one of our settings changes. */
export function onSettingsChange(listener: (settings: Settings) => void): Disposable {
  return workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) listener(readSettings());
  });
}

/** Switches completions on or off for good, where the user has set it: in the workspace, or else for all of them. */
export async function writeEnable(enable: boolean): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  await configuration.update('enable', enable, targetOf(configuration.inspect('enable')));
}

/** Sets the share of suggestions that may be wrong outside their holes, where the user has set it; 0: no holes. */
export async function writeHoles(holes: number): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  await configuration.update('holes', holes, targetOf(configuration.inspect('holes')));
}

/** Chooses a bundle for this machine; empty: the one that ships. */
export async function writeBundle(folder: string): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  await configuration.update('bundle', folder, targetOf(configuration.inspect('bundle')));
}

/** Says when suggestions stop on uncertainty: in the workspace where there is one, else everywhere. */
export async function writeStop(stop: Settings['stop']): Promise<void> {
  const inWorkspace = workspace.workspaceFolders !== undefined;
  const target = inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await workspace.getConfiguration(section).update('stop', stop, target);
}

/** Switches completions on or off for one language, keeping what is said about the others. */
export async function writeLanguage(language: string, on: boolean): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  const seen = configuration.inspect<Settings['languages']>('languages');
  const target = targetOf(seen);
  const before = (target === ConfigurationTarget.Workspace ? seen?.workspaceValue : seen?.globalValue) ?? {};
  await configuration.update('languages', { ...before, [language]: on }, target);
}

/** Whether completions are switched on for a language: its own entry, or the one for all others. */
export function languageIsOn(settings: Settings, language: string): boolean {
  return settings.languages[language] ?? settings.languages['*'] ?? true;
}

function targetOf(seen: { workspaceValue?: unknown } | undefined): ConfigurationTarget {
  return seen?.workspaceValue === undefined ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
}
