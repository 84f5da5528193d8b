/** In the editor: suggestions with holes by the promise that holds for their document, or why there is none. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../protocol.js';
import type { CompletionContext } from './completion-context.js';
import { settingsForHoles } from './calibration-run.js';
import type { grammarsFrom } from './grammar-for.js';
import type { ModelDescription } from './engine.js';
import { findPromise, homesAround } from './hole-promises.js';
import { grammarOf, pipelineOf } from './pipeline-identity.js';
import type { Completion } from './present.js';
import { hasHoles, shownBy } from './read-holes.js';
import { silence, type Silence } from './silence.js';
import { withHoles } from './with-holes.js';

/** A line is written to its end: where time cut it off, it would not be what was calibrated. */
const MAX_MS = 60_000;

/** The settings under which the editor asks while holes are on: those of the calibration. */
export function settingsInUse(settings: Settings): Settings {
  if (settings.holes === 0) return settings;
  return { ...settingsForHoles(settings), budgetMs: MAX_MS, prepareNext: false };
}

/** Where promises may be found, and what the client can show. */
export interface Promises {
  readonly languageOf: ReturnType<typeof grammarsFrom>;
  /** The model in use; undefined while none is. */
  readonly model: ModelDescription | undefined;
  /** The workspace, for documents that are no files. */
  readonly folders: readonly string[];
  /** Folders that hold the calibrations of this machine. */
  readonly stores: readonly string[];
  readonly takesSnippets: boolean;
  /** Hears what must be said with a promise about other code than the user's. */
  readonly caveat: (sentence: string) => void;
}

/**
 * The items with the first one's uncertain parts as holes, and the plain one beside it; a suggestion that is sure
 * throughout stays as it is. Silence where nothing can be promised.
 */
export async function promisedItems(
  items: readonly Completion[],
  { document, selected }: CompletionContext,
  settings: Settings,
  promises: Promises,
): Promise<readonly Completion[] | Silence> {
  const [plain] = items;
  if (!plain) return items;
  // The highlighted entry may not be what the user means to write: no calibration has seen such places.
  if (selected)
    return silence('unsure', 'Nothing is promised while an entry of the suggest widget is highlighted.');
  const { model } = promises;
  if (!model) return silence('loading', 'The model is not ready, so nothing can be promised.');
  const language = await promises.languageOf(document.languageId);
  const found =
    'unusable' in language
      ? ({ kind: 'none', why: language.unusable, refuted: false } as const)
      : await findPromise(homesOf(document.uri, promises), model.calibration, {
          bundle: model.identity,
          pipeline: pipelineOf(settings),
          language: document.languageId,
          grammar: grammarOf(language),
          epsilon: settings.holes,
          holes: settings.maxHoles,
        });
  const offered = withHoles(items, document, language, found, settings.maxHoles);
  if (offered.silence) return offered.silence;
  if (found.kind === 'promise' && found.caveat !== undefined) promises.caveat(found.caveat);
  const { item } = offered;
  if (!item || !hasHoles(item.snippet)) return [plain];
  if (!promises.takesSnippets) {
    return silence('unsure', 'This editor takes no snippets, so that no hole can be shown in it.');
  }
  return [{ ...item, id: `${item.id}.holes`, text: shownBy(item.snippet) }, plain];
}

function homesOf(uri: string, { folders, stores }: Promises): readonly string[] {
  const nearest = uri.startsWith('file:') ? [path.dirname(fileURLToPath(uri))] : folders;
  return nearest.flatMap((folder) => homesAround(folder, stores));
}
