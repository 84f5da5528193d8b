/** “Show What Was Learned From Use”, and its deletion. */
import { window } from 'vscode';
import type { Client } from './client.js';
import { createPage } from './page.js';

export interface LearnedPage {
  show(): Promise<void>;
  forget(): Promise<void>;
  dispose(): void;
}

export function createLearnedPage(client: Client): LearnedPage {
  const page = createPage('Learned');
  const ask = async (forget: boolean) => {
    try {
      const { markdown } = await client.learned({ forget });
      await page.show(markdown);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      void window.showErrorMessage(`Candor: the language server does not answer (${why}).`);
    }
  };
  return {
    show: () => ask(false),
    forget: async () => {
      const question = 'Forget what Candor has learned from use in this workspace? The calibration stays.';
      const choice = await window.showWarningMessage(question, { modal: true }, 'Forget');
      if (choice !== undefined) await ask(true);
    },
    dispose: () => {
      page.dispose();
    },
  };
}
