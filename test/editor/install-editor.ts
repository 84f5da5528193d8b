/**
 * Installs what the editor tests need, once: the real VS Code workbench (code-server), the Node it runs on, and a browser.
 *
 * Everything but the browser lands in the folder of editor-paths.ts; a stamp written last says that it is complete.
 * Nothing is compiled except `@vscode/spdlog`: without it every output channel of the editor stays empty.
 *
 *     node --import tsx test/editor/install-editor.ts
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { editor, editorFolder, editorNode, editorVersion, findBrowser, nodePackage } from './editor-paths.js';

const debianFont = '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf';

installSystemPackages();
installEditor();
console.log(`The editor is installed: code-server ${editorVersion}, browser ${findBrowser() ?? 'missing'}.`);

/** Debian packages that are missing: a browser, a font for the pictures, a compiler for the one native module. */
function installSystemPackages(): void {
  const fontMissing = process.platform === 'linux' && !existsSync(debianFont);
  const missing = [
    ...(findBrowser() === undefined ? ['chromium'] : []),
    ...(fontMissing ? ['fonts-dejavu-core'] : []),
    ...['g++', 'make', 'python3'].filter((command) => !has(command)),
  ];
  if (missing.length === 0) return;
  if (!has('apt-get')) {
    throw new Error(
      `The editor tests need ${missing.join(', ')}: install them, or name a browser in CANDOR_BROWSER.`,
    );
  }
  console.log(`Installing Debian packages: ${missing.join(' ')}.`);
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
}

function installEditor(): void {
  const stamp = path.join(editorFolder, 'installed');
  if (existsSync(stamp)) return;
  console.log(`Installing code-server ${editorVersion} into ${editorFolder}.`);
  rmSync(editorFolder, { recursive: true, force: true });
  mkdirSync(editorFolder, { recursive: true });
  writeFileSync(path.join(editorFolder, 'package.json'), '{ "private": true }\n');
  const vscode = 'node_modules/code-server/lib/vscode';
  installNode();
  npm('.', 'install', '--ignore-scripts', `code-server@${editorVersion}`);
  npm(vscode, 'install', '--omit=dev', '--ignore-scripts', ...editor.flags);
  npm(`${vscode}/extensions`, 'install', '--omit=dev', '--ignore-scripts', ...editor.flags);
  npm(vscode, 'rebuild', '@vscode/spdlog');
  for (const name of editor.rebuild) npm('.', 'rebuild', name);
  writeFileSync(stamp, `${new Date().toISOString()}\n`);
}

function installNode(): void {
  if (editorNode !== process.execPath) {
    npm('.', 'install', '--ignore-scripts', `${nodePackage}@${editor.node}`);
    return;
  }
  const [major] = editor.node.split('.');
  if (process.versions.node.split('.')[0] === major) return;
  throw new Error(
    `On ${process.platform} run the editor tests with Node ${major ?? ''}, not ${process.versions.node}.`,
  );
}

/** Runs npm in a folder of the editor's, under the editor's own Node and against its headers. */
function npm(folder: string, ...words: readonly string[]): void {
  const env = {
    ...process.env,
    PATH: `${path.dirname(editorNode)}${path.delimiter}${process.env.PATH ?? ''}`,
    npm_config_nodedir: path.dirname(path.dirname(editorNode)),
  };
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', [...words, ...quiet], { cwd: path.join(editorFolder, folder), env, stdio: 'inherit' });
}

function apt(...words: readonly string[]): void {
  const root = process.getuid?.() === 0;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const command = root ? 'apt-get' : 'sudo';
  execFileSync(command, root ? words : ['-n', 'apt-get', ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
}

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}
