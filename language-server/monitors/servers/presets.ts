/** Servers that do not ship: used when they are found, in trusted workspaces, since they run what the workspace says. */
import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ServerRow } from './server-row.js';

/** Whole lists, no includes to be added, and nothing written into the workspace: an index would be. */
const clangd = ['clangd', '--background-index=false', '--header-insertion=never', '--limit-results=0'];

/** Language id to the command whose program is looked for on the path. */
export const presets: Readonly<Record<string, readonly string[]>> = {
  go: ['gopls'],
  rust: ['rust-analyzer'],
  c: clangd,
  cpp: clangd,
  java: ['jdtls'],
};

/** What programs are told when they start, and when they ask. */
const settingsOf: Readonly<Record<string, object>> = {
  // Lists of members only, not of what lies deeper, so that they can be whole; diagnostics at once.
  gopls: {
    matcher: 'CaseSensitive',
    deepCompletion: false,
    completeUnimported: false,
    usePlaceholders: false,
    diagnosticsDelay: '0s',
  },
  // No build runs beside ours, and nothing is offered that would have to be imported first.
  'rust-analyzer': {
    checkOnSave: false,
    completion: { autoimport: { enable: false }, postfix: { enable: false }, callable: { snippets: 'none' } },
  },
};

/** A server that a command starts. */
export function commandRow([program = '', ...args]: readonly string[]): ServerRow {
  const name = path.basename(program, '.exe');
  const settings = settingsOf[name];
  return {
    name,
    title: `The analysis server ${name}`,
    launch({ trusted }) {
      if (!trusted) return { missing: `${name} runs in trusted workspaces only.` };
      const command = onPath(program);
      if (command === undefined)
        return { missing: `${program} is not installed, or not on the path (candor.analysisServers).` };
      return { command, args, workingFolder: os.tmpdir() };
    },
    ...(settings && { initializationOptions: settings }),
    configuration: (section) => (section === name ? settings : {}),
  };
}

/** Absolute path of a program, or undefined when there is none that we may run. */
export function onPath(program: string): string | undefined {
  if (path.isAbsolute(program)) return isProgram(program) ? program : undefined;
  if (program === '' || program.includes('/') || program.includes('\\')) return undefined;
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  return folders
    .flatMap((folder) => endings.map((ending) => path.join(folder, program + ending)))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
