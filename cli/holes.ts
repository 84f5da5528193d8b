/** `--holes EPS`: answers as snippets, by the promise that was calibrated for the file's workspace. */
import path from 'node:path';
import type { ModelDescription } from '../language-server/completion/engine.js';
import { findPromise, homesAround, usualStore } from '../language-server/completion/hole-promises.js';
import { grammarOf, pipelineOf } from '../language-server/completion/pipeline-identity.js';
import type { grammarsFrom } from '../language-server/completion/grammar-for.js';
import type { Document } from '../language-server/completion/document.js';
import type { Completion } from '../language-server/completion/present.js';
import { withHoles, type WithHoles } from '../language-server/completion/with-holes.js';
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
  model: ModelDescription,
  { grammars, caveat }: HolesFor,
): Promise<WithHoles> {
  const language = await grammars(document.languageId);
  const holes = options.maxHoles ?? usualHoles;
  if ('unusable' in language)
    return withHoles(items, document, language, { kind: 'none', why: '', refuted: false }, holes);
  const homes = homesAround(path.dirname(document.uri), [usualStore(process.env)]);
  const found = await findPromise(homes, model.calibration, {
    bundle: model.identity,
    pipeline: pipelineOf(settingsOf(options)),
    language: document.languageId,
    grammar: grammarOf(language),
    epsilon: options.holes!,
    holes,
  });
  const made = withHoles(items, document, language, found, holes);
  if (made.item && found.kind === 'promise' && found.caveat !== undefined) caveat(found.caveat);
  return made;
}
