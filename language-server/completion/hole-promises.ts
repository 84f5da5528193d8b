/** Which promise holds for a suggestion: where calibrations lie, and what they are valid for. */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { promiseFor, type Found } from '../holes/calibration-file.js';
import { loadCalibration } from '../holes/calibration-store.js';
import type { Settings } from '../protocol.js';
import { settingsForHoles } from './calibration-run.js';

/** Raised when suggestions change for reasons that are neither settings nor grammar nor bundle. */
const PIPELINE_VERSION = 2;

/** Names the settings that a suggestion depends on: a promise holds for equal names alone. */
export function pipelineOf(settings: Settings): string {
  const { lines, drafts, maxTokens, promptTokens, syntax } = settingsForHoles(settings);
  return digest([PIPELINE_VERSION, lines, drafts, maxTokens, promptTokens, syntax]);
}

/** Names a grammar by its symbols and the size of its table. */
export function grammarOf({ name, grammar }: SyntaxLanguage): string {
  const { abi, states, names } = grammar.table;
  return `${name} ${digest([abi, states, names])}`;
}

/** Where the calibrations made on the command line are kept on this machine. */
export function usualStore(environment: NodeJS.ProcessEnv): string {
  const state =
    environment.XDG_STATE_HOME ?? environment.LOCALAPPDATA ?? path.join(homedir(), '.local', 'state');
  return path.join(state, 'candor');
}

/** Where the calibration of a workspace is kept in a store: never in the workspace itself. */
export function calibrationHome(workspace: string, store: string): string {
  return path.join(store, 'calibrations', digest([path.resolve(workspace)]));
}

/** Where calibrations of a folder and of all around it may lie, the nearest first. */
export function homesAround(folder: string, stores: readonly string[]): readonly string[] {
  const outer = path.dirname(folder);
  const homes = stores.map((store) => calibrationHome(folder, store));
  return outer === folder ? homes : [...homes, ...homesAround(outer, stores)];
}

const uncalibrated =
  'Nothing has been calibrated: run “Candor: Calibrate on This Workspace”, or `candor calibrate FOLDER`.';

export const calibrationName = 'calibration.json';

/**
 * The first promise for exactly this among the workspace's own calibration and the one that the bundle ships; the
 * sentence is about the first of them that exists.
 */
export async function findPromise(
  folders: readonly string[],
  wanted: Parameters<typeof promiseFor>[1],
): Promise<Found> {
  let first: Found | undefined;
  for (const folder of folders) {
    const loaded = await loadCalibration(path.join(folder, calibrationName));
    if (loaded.kind === 'absent') continue;
    const found: Found =
      loaded.kind === 'damaged'
        ? { kind: 'none', why: `${loaded.why} It was moved to ${loaded.movedTo}.` }
        : promiseFor(loaded.file, wanted);
    if (found.kind === 'promise') return found;
    first ??= found;
  }
  return first ?? { kind: 'none', why: uncalibrated };
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

export type { CalibratedPromise } from '../holes/calibration-file.js';
export { keepPlace, keptPlaces, saveCalibration, type JudgedPlace } from '../holes/calibration-store.js';
