/** `candor/learned`: what use has taught about promises in the workspace's folders, as a page, or deleted. */
import { calibrationHome } from '../completion/hole-promises.js';
import { learnedPage } from '../completion/learned-page.js';
import type { Learning } from '../completion/learning.js';
import type { AskForLearned, Learned } from '../protocol.js';

export interface LearnedParts {
  readonly learning: Learning;
  readonly folders: readonly string[];
  /** Folder in which it is kept. */
  readonly store: string;
  /** Names the model in use. */
  readonly model: string | undefined;
}

export async function learnedFor(
  { learning, folders, store, model }: LearnedParts,
  { forget }: AskForLearned,
): Promise<Learned> {
  const pages: string[] = [];
  for (const folder of folders) {
    const home = calibrationHome(folder, store);
    if (forget) await learning.forget(home);
    pages.push(learnedPage(folder, home, await learning.learned(home), model));
  }
  if (pages.length === 0) pages.push('No folder is open, so that nothing is learned.\n');
  return { markdown: pages.join('\n') };
}
