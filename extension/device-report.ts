/** “Show Device Report”: tries the devices of this machine, with progress, and shows the result as a page. */
import { ProgressLocation, window } from 'vscode';
import type { DeviceReport } from '../language-server/protocol.js';
import { createPage } from './page.js';

export interface DeviceReporter {
  show(): Promise<void>;
  dispose(): void;
}

/** `ask` rejects with a sentence. */
export function createDeviceReporter(ask: () => Promise<DeviceReport>): DeviceReporter {
  const page = createPage('Devices');
  let running: Promise<DeviceReport> | undefined;
  return {
    show: async () => {
      // Whoever asks twice sees the one report.
      running ??= ask();
      const asked = running;
      try {
        const { markdown } = await window.withProgress(
          { location: ProgressLocation.Notification, title: 'Candor tries the devices of this machine' },
          () => asked,
        );
        await page.show(markdown);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        void window.showErrorMessage(`Candor: the devices could not be tried. ${why}`);
      } finally {
        running = undefined;
      }
    },
    dispose: () => {
      page.dispose();
    },
  };
}
