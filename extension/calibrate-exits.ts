/** “Calibrate Early Exit on This Workspace”, from the list of models: with progress and cancel, and what was found. */
import { commands, ProgressLocation, window } from 'vscode';
import type { ModelEntry } from '../language-server/protocol.js';
import { chooseFolder } from './calibrate.js';
import type { ModelRequests } from './models.js';

/** A model that is in use is loaded anew, to do as it now says. Rejects with a sentence. */
export async function calibrateExits(
  { name, title }: ModelEntry,
  inUse: boolean,
  requests: Pick<ModelRequests, 'calibrateExits'>,
): Promise<void> {
  const folder = await chooseFolder();
  if (!folder) return;
  const found = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Candor calibrates ${title}`, cancellable: true },
    async (shown, token) => {
      let done = 0;
      try {
        return await requests.calibrateExits(
          { name, folder: folder.toString() },
          token,
          ({ share, text }) => {
            shown.report({ message: text, increment: Math.max(0, 100 * (share - done)) });
            done = share;
          },
        );
      } catch (error) {
        if (!token.isCancellationRequested) throw error;
        return undefined;
      }
    },
  );
  if (!found) return;
  if (inUse) await commands.executeCommand('candor.restart');
  void window.showInformationMessage(`Candor: ${title}. ${found.summary}`);
}
