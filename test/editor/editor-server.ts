/** The real editor as a process: a fresh profile, our packaged extension in it, and a folder of files open. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { editorEntry, editorNode, pictures } from './editor-paths.js';

export interface EditorServer {
  /** The page to open; shows the folder. */
  readonly address: string;
  readonly folder: string;
  stop(): Promise<void>;
}

/** What keeps the workbench still and the typing predictable; our own settings are added per test. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': 'off',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'editor.inlineSuggest.enabled': true,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.parameterHints.enabled': false,
  'editor.minimap.enabled': false,
  'editor.accessibilitySupport': 'off',
  'editor.fontFamily': 'DejaVu Sans Mono',
  'files.autoSave': 'off',
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'git.enabled': false,
  'typescript.validate.enable': false,
};

/** Installs a VSIX into a new folder of extensions, which the caller owns. */
export function installExtension(vsix: string): string {
  const extensions = mkdtempSync(path.join(os.tmpdir(), 'candor-extensions-'));
  const profile = mkdtempSync(path.join(os.tmpdir(), 'candor-profile-'));
  execFileSync(editorNode, [...argumentsFor(profile, extensions), '--install-extension', vsix], {
    env: environmentFor(profile),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(profile, { recursive: true, force: true });
  return extensions;
}

/** Starts the editor over `files` (path to text) in a new folder. Fails when it does not listen within a minute. */
export async function startEditorServer(
  extensions: string,
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): Promise<EditorServer> {
  const profile = mkdtempSync(path.join(os.tmpdir(), 'candor-profile-'));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'candor-workspace-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  mkdirSync(path.join(profile, 'User'), { recursive: true });
  writeFileSync(
    path.join(profile, 'User/settings.json'),
    JSON.stringify({ ...quietSettings, ...settings }, undefined, 2),
  );
  const server = spawn(
    editorNode,
    [...argumentsFor(profile, extensions), '--bind-addr', '127.0.0.1:0', folder],
    { env: environmentFor(profile), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const port = await listeningPort(server);
  return {
    address: `http://127.0.0.1:${port}/?folder=${folder}`,
    folder,
    stop: async () => {
      await endGroup(server);
      keepLog(profile, path.basename(folder));
      for (const made of [profile, folder]) rmSync(made, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Keeps our extension's log beside the pictures. */
function keepLog(profile: string, name: string): void {
  const logs = path.join(profile, 'logs');
  const log = readdirSync(logs, { recursive: true, encoding: 'utf8' }).find((file) =>
    file.endsWith('Candor.log'),
  );
  if (log === undefined) return;
  mkdirSync(pictures, { recursive: true });
  copyFileSync(path.join(logs, log), path.join(pictures, `${name}.log`));
}

function argumentsFor(profile: string, extensions: string): string[] {
  return [
    editorEntry,
    ...['--config', path.join(profile, 'config.yaml'), '--auth', 'none'],
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
    ...['--disable-getting-started-override', '--user-data-dir', profile, '--extensions-dir', extensions],
  ];
}

/** Without a gallery the page asks nobody but our own server. */
function environmentFor(profile: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    EXTENSIONS_GALLERY: '{}',
    XDG_CONFIG_HOME: path.join(profile, 'xdg-config'),
    XDG_DATA_HOME: path.join(profile, 'xdg-data'),
  };
}

function listeningPort(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => {
      reject(new Error(`The editor does not listen after a minute:\n${output}`));
    }, 60_000);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(late);
      resolve(Number(port));
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`The editor ended with ${code ?? 'a signal'}:\n${output}`));
    });
  });
}

/** Ends the server with all that it started: extension hosts, language servers, watchers. */
async function endGroup(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null) return;
  const gone = new Promise((resolve) => server.once('exit', resolve));
  process.kill(-server.pid, 'SIGTERM');
  const force = setTimeout(() => {
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
  }, 5_000);
  await gone;
  clearTimeout(force);
}
