/** `candor/calibrate`: calibrates on a folder of the workspace, tells how far it is, and answers with a page. */
import { fileURLToPath } from 'node:url';
import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type Connection,
} from 'vscode-languageserver/node';
import { calibrateFolder, usualEpsilons, usualPlaces } from '../completion/calibrate-folder.js';
import { calibrationPage } from '../completion/calibration-page.js';
import type { Engine } from '../completion/engine.js';
import type { grammarsFrom } from '../completion/grammar-for.js';
import { calibrationHome } from '../completion/hole-promises.js';
import {
  calibrationNotification,
  type Calibrate,
  type CalibrationProgress,
  type CalibrationReport,
  type Settings,
} from '../protocol.js';
import { toSignal } from './from-protocol.js';

export interface CalibrationParts {
  readonly connection: Connection;
  readonly engine: Engine;
  readonly settings: Settings;
  /** Folders of the workspace: no other is calibrated on. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
  readonly languageOf: ReturnType<typeof grammarsFrom>;
  /** Folder in which the result is kept. */
  readonly store: string;
}

/** @throws ResponseError with a sentence when it cannot be done, or was cancelled. */
export async function calibrateFor(
  { connection, engine, settings, folders, trusted, languageOf, store }: CalibrationParts,
  { folder: uri }: Calibrate,
  token: CancellationToken,
): Promise<CalibrationReport> {
  const refuse = (why: string) => new ResponseError(LSPErrorCodes.RequestFailed, why);
  const folder = uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  if (folder === undefined || !folders.includes(folder))
    throw refuse(`${uri} is no folder of this workspace.`);
  if (!trusted) throw refuse('Candor calibrates in trusted workspaces only.');
  if (engine.kind !== 'ready') throw refuse('The model is not ready. Try again when it is loaded.');
  const signal = toSignal(token);
  const { maxHoles: holes } = settings;
  const calibration = {
    folder,
    home: calibrationHome(folder, store),
    engine,
    // What is switched off is not asked about in the editor; what is promised may be.
    settings: { ...settings, enable: true, languages: { '*': true } },
    holes,
    epsilons: epsilonsWith(settings.holes),
    places: usualPlaces,
    languageOf,
  };
  try {
    const outcome = await calibrateFolder(calibration, signal, (places, file) => {
      const progress: CalibrationProgress = { places, most: usualPlaces, file };
      void connection.sendNotification(calibrationNotification, progress);
    });
    return { markdown: calibrationPage(folder, holes, outcome) };
  } catch (error) {
    if (signal.aborted) {
      throw new ResponseError(LSPErrorCodes.RequestCancelled, 'Cancelled; the next run goes on from here.');
    }
    throw refuse(`The calibration stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function epsilonsWith(wanted: number): readonly number[] {
  const isNew = wanted !== 0 && !usualEpsilons.includes(wanted);
  return isNew ? [...usualEpsilons, wanted].sort((a, b) => a - b) : usualEpsilons;
}
