/** “Calibrate on This Workspace”: with progress and cancel, and the result as a page beside the code. */
import { ProgressLocation, window, workspace, type CancellationToken, type Uri } from 'vscode';
import type { CalibrationProgress, CalibrationReport } from '../language-server/protocol.js';
import { createPage } from './page.js';

/** Asks the server; `progress` hears of each place. Rejects with a sentence. */
export type AskForCalibration = (
  folder: Uri,
  token: CancellationToken,
  progress: (progress: CalibrationProgress) => void,
) => Promise<CalibrationReport>;

export interface Calibrator {
  calibrate(): Promise<void>;
  dispose(): void;
}

export function createCalibrator(ask: AskForCalibration): Calibrator {
  const page = createPage('Calibration');
  let busy = false;
  const calibrate = async () => {
    const folder = await chooseFolder();
    if (!folder) return;
    const report = await withProgress(ask, folder);
    if (report) await page.show(report.markdown);
  };
  return {
    calibrate: async () => {
      if (busy) {
        void window.showInformationMessage('Candor is calibrating already.');
        return;
      }
      busy = true;
      await calibrate().finally(() => {
        busy = false;
      });
    },
    dispose: () => {
      page.dispose();
    },
  };
}

/** The workspace's folder to read code in; undefined, and told why, where there is none. */
export async function chooseFolder(): Promise<Uri | undefined> {
  if (!workspace.isTrusted) {
    void window.showErrorMessage('Candor calibrates in trusted workspaces only.');
    return undefined;
  }
  const folders = (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  if (folders.length === 0) {
    void window.showErrorMessage('Candor: open a folder on this machine to calibrate on.');
    return undefined;
  }
  if (folders.length === 1) return folders[0]!.uri;
  return (await window.showWorkspaceFolderPick({ placeHolder: 'Calibrate on' }))?.uri;
}

/** Undefined when it was cancelled or failed, which the user then knows. */
async function withProgress(ask: AskForCalibration, folder: Uri): Promise<CalibrationReport | undefined> {
  return window.withProgress(
    { location: ProgressLocation.Notification, title: 'Candor calibrates', cancellable: true },
    async (shown, token) => {
      let told = 0;
      try {
        return await ask(folder, token, ({ places, most, file }) => {
          const increment = (100 * (places - told)) / most;
          told = places;
          shown.report({ message: `place ${places} of at most ${most}: ${file}`, increment });
        });
      } catch (error) {
        if (token.isCancellationRequested) {
          void window.showInformationMessage(
            'Candor: cancelled. The next calibration goes on where this one stopped.',
          );
        } else {
          void window.showErrorMessage(`Candor: ${error instanceof Error ? error.message : String(error)}`);
        }
        return undefined;
      }
    },
  );
}
