/** `--holes EPS`: answers as snippets, by the promise that was calibrated for the file's workspace. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { askAtHole } from '../language-server/completion/ask-at-hole.js';
import type { ReadyEngine } from '../language-server/completion/ask-model.js';
import { findPromise, homesAround, usualStore } from '../language-server/completion/hole-promises.js';
import { grammarOf, pipelineOf } from '../language-server/completion/pipeline-identity.js';
import type { grammarsFrom } from '../language-server/completion/grammar-for.js';
import type { Document } from '../language-server/completion/document.js';
import type { Completion } from '../language-server/completion/present.js';
import type { Neighbors } from '../language-server/completion/snippets.js';
import { withChoices } from '../language-server/completion/with-choices.js';
import { surroundingsOf, withHoles, type WithHoles } from '../language-server/completion/with-holes.js';
import type { Options } from './arguments.js';
import { settingsOf } from './completer.js';

export interface HolesFor {
  readonly grammars: ReturnType<typeof grammarsFrom>;
  /** Hears what must be said with a promise about other code than the user's. */
  readonly caveat: (sentence: string) => void;
}

/** Most holes where none is given. */
export const usualHoles = 2;

export async function makeHoles(
  items: readonly Completion[],
  document: Document,
  options: Options,
  { engine, neighbors }: { readonly engine: ReadyEngine; readonly neighbors: Neighbors },
  { grammars, caveat }: HolesFor,
): Promise<WithHoles> {
  const language = await grammars(document.languageId);
  const holes = options.maxHoles ?? usualHoles;
  if ('unusable' in language)
    return withHoles(items, document, language, { kind: 'none', why: '', refuted: false }, holes);
  const homes = homesAround(path.dirname(document.uri), [usualStore(process.env)]);
  const found = await findPromise(homes, engine.model.calibration, {
    bundle: engine.model.identity,
    pipeline: pipelineOf(settingsOf(options)),
    language: document.languageId,
    grammar: grammarOf(language),
    epsilon: options.holes!,
    holes,
  });
  const made = withHoles(items, document, language, found, holes);
  if (!made.item || !made.made) return made;
  if (found.kind === 'promise' && found.caveat !== undefined) caveat(found.caveat);
  const { signal } = new AbortController();
  // The document's name is a path here, and a URI where the pipeline looks for its neighbors.
  const named = { ...document, uri: pathToFileURL(document.uri).href };
  const ask = askAtHole(made.item, named, engine, settingsOf(options), neighbors, signal);
  const snippet = await withChoices(made.made, language, surroundingsOf(made.item, document), ask);
  return { ...made, item: { ...made.item, snippet } };
}
