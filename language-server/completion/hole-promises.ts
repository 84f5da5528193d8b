/** Which promise holds for a suggestion: where calibrations lie, and which of them is believed. */
import { homedir } from 'node:os';
import path from 'node:path';
import { promiseFor, type Found, type Wanted } from '../holes/calibration-file.js';
import { loadCalibration, loadShipped, type Loaded } from '../holes/calibration-store.js';
import type { ShippedFile } from './engine.js';
import { digest } from './pipeline-identity.js';

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

/** A promise, and what must be said with it. */
export type FoundPromise =
  | (Extract<Found, { kind: 'promise' }> & {
      /** In words, where the promise is about other code than the user's. */
      readonly caveat: string | undefined;
    })
  | Extract<Found, { kind: 'none' }>;

/**
 * The first promise for exactly this among the workspace's own calibrations, in `homes`, and then the one that came
 * with the model. What a workspace's own code has refuted, the model's does not bring back. Where there is none, the
 * sentence is about the first calibration that exists.
 */
export async function findPromise(
  homes: readonly string[],
  shipped: ShippedFile | undefined,
  wanted: Wanted,
): Promise<FoundPromise> {
  let first: Extract<Found, { kind: 'none' }> | undefined;
  for (const home of homes) {
    const found = foundIn(await loadCalibration(path.join(home, calibrationName)), wanted);
    if (found?.kind === 'promise') return { ...found, caveat: undefined };
    if (found?.refuted) return found;
    first ??= found;
  }
  const found = shipped && foundIn(await loadShipped(shipped), wanted);
  if (found?.kind === 'promise') return { ...found, caveat: caveatOf(found) };
  if (first) return first;
  if (!found) return { kind: 'none', why: uncalibrated, refuted: false };
  return {
    ...found,
    why: `${found.why} (This is the calibration that came with the model. ${uncalibrated})`,
  };
}

function foundIn(loaded: Loaded, wanted: Wanted): Found | undefined {
  switch (loaded.kind) {
    case 'absent':
      return undefined;
    case 'damaged': {
      const moved = loaded.movedTo === undefined ? '' : ` It was moved to ${loaded.movedTo}.`;
      return { kind: 'none', why: `${loaded.why}${moved}`, refuted: false };
    }
    case 'file':
      return promiseFor(loaded.file, wanted);
  }
}

function caveatOf({ promise, computedOn }: Extract<Found, { kind: 'promise' }>): string {
  const { epsilon, delta, language, places } = promise;
  return (
    `Holes follow the calibration that came with the model: ε = ${epsilon} with δ = ${delta}, on ${places} places of ` +
    `${language} in ${computedOn} The promise is about code like that, and nothing is promised about yours: ` +
    'run “Candor: Calibrate on This Workspace”, or `candor calibrate FOLDER`, for one that is.'
  );
}
