/** Servers that do not ship: used when they are found, in trusted workspaces, since they run what the workspace says. */
import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ServerRow } from './server-row.js';

/** Language id to the command whose program is looked for on the path. */
export const presets: Readonly<Record<string, readonly string[]>> = {
  go: ['gopls'],
  rust: ['rust-analyzer'],
  c: ['clangd'],
  cpp: ['clangd'],
  java: ['jdtls'],
};

/** A server that a command starts. */
export function commandRow([program = '', ...args]: readonly string[]): ServerRow {
  const name = path.basename(program, '.exe');
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
    configuration: () => ({}),
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
