/** In the editor: suggestions with holes by the promise that holds for their document, or why there is none. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../protocol.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { contains } from '../holes/containment.js';
import type { Aftermath, Promised } from './aftermath.js';
import type { CompletionContext } from './completion-context.js';
import { settingsForHoles } from './calibration-run.js';
import type { grammarsFrom } from './grammar-for.js';
import type { Document } from './document.js';
import type { ModelDescription } from './engine.js';
import { calibrationHome, findPromise, homesAround } from './hole-promises.js';
import { grammarOf, pipelineOf } from './pipeline-identity.js';
import type { Completion } from './present.js';
import { hasHoles, shownBy } from './read-holes.js';
import { silence, type Silence } from './silence.js';
import type { Learning } from './learning.js';
import { trueTree } from './suggestion-tree.js';
import { withChoices, type AskAtHole } from './with-choices.js';
import { surroundingsOf, withHoles, type WithHoles } from './with-holes.js';

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
  /** Who is asked what else may stand in the holes of a completion. */
  readonly askAt: (
    item: Completion,
    document: Document,
    settings: Settings,
    signal: AbortSignal,
  ) => AskAtHole;
  /** What use has taught, and who looks later at what became of suggestions. */
  readonly learning: Learning;
  readonly aftermath: Aftermath;
}

/**
 * The items with the first one's uncertain parts as holes, and the plain one beside it; a suggestion that is sure
 * throughout stays as it is. Silence where nothing can be promised. What is promised is looked at again later.
 */
export async function promisedItems(
  items: readonly Completion[],
  context: CompletionContext,
  settings: Settings,
  promises: Promises,
  signal: AbortSignal,
): Promise<readonly Completion[] | Silence> {
  const [plain] = items;
  const { document, selected } = context;
  // The highlighted entry may not be what the user means to write: no calibration has seen such places.
  if (selected && plain)
    return silence('unsure', 'Nothing is promised while an entry of the suggest widget is highlighted.');
  const { model, learning } = promises;
  if (!model) return silence('loading', 'The model is not ready, so nothing can be promised.');
  const language = await promises.languageOf(document.languageId);
  if ('unusable' in language) return silence('unsure', `No holes: ${language.unusable}.`);
  const wanted = {
    bundle: model.identity,
    pipeline: pipelineOf(settings),
    language: document.languageId,
    grammar: grammarOf(language),
    epsilon: settings.holes,
    holes: settings.maxHoles,
  };
  const found = await findPromise(homesOf(document.uri, promises), model.calibration, wanted);
  if (found.kind === 'none') return plain ? silence('unsure', found.why) : items;
  const promise = { ...found.promise, budget: found.budget };
  const about = { home: homeOf(document.uri, promises), ...wanted, promise };
  const budget = await learning.budget(about);
  const offered =
    budget === 0 ? wronged : withHoles(items, document, language, { ...found, budget }, settings.maxHoles);
  promises.aftermath.watch({
    document,
    start: plain?.start ?? context.start,
    id: plain?.id ?? `nothing ${document.version}`,
    ...(offered.made && { allows: allowedBy(language, offered.made) }),
    tell: (fate) => void learning.learn(about, fate),
  });
  if (offered.silence) return offered.silence;
  const { item } = offered;
  if (!plain || !item) return items;
  if (found.caveat !== undefined) promises.caveat(found.caveat);
  if (!hasHoles(item.snippet) || !offered.made) return [plain];
  if (!promises.takesSnippets) {
    return silence('unsure', 'This editor takes no snippets, so that no hole can be shown in it.');
  }
  const ask = promises.askAt(item, document, settings, signal);
  const snippet = await withChoices(offered.made, language, surroundingsOf(item, document), ask);
  return [{ ...item, snippet, id: `${item.id}.holes`, text: shownBy(snippet) }, plain];
}

const wronged: WithHoles = {
  silence: silence(
    'unsure',
    'Too much that was shown as sure was changed of late. Nothing is offered until as many places have gone by; see “Candor: Show What Was Learned From Use”.',
  ),
};

function allowedBy(
  language: SyntaxLanguage,
  { tree, program }: NonNullable<WithHoles['made']>,
): NonNullable<Promised['allows']> {
  return (before, written, after) => {
    const truth = trueTree(language, { before, after }, written);
    return truth && contains(tree, program, truth);
  };
}

function homesOf(uri: string, { folders, stores }: Promises): readonly string[] {
  const nearest = uri.startsWith('file:') ? [path.dirname(fileURLToPath(uri))] : folders;
  return nearest.flatMap((folder) => homesAround(folder, stores));
}

/** Where a document's workspace keeps what it learns. */
function homeOf(uri: string, { folders, stores }: Promises): string {
  const file = uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  const around = folders.find((folder) => file?.startsWith(folder + path.sep));
  return calibrationHome(
    around ?? (file === undefined ? (folders[0] ?? '') : path.dirname(file)),
    stores[0]!,
  );
}
