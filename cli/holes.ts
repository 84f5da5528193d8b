/** `--holes EPS`: answers as snippets, by the promise that was calibrated for the file's workspace. */
import path from 'node:path';
import {
  findPromise,
  grammarOf,
  homesAround,
  pipelineOf,
  usualStore,
} from '../language-server/completion/hole-promises.js';
import type { grammarsFrom } from '../language-server/completion/grammar-for.js';
import type { Document } from '../language-server/completion/document.js';
import type { Completion } from '../language-server/completion/present.js';
import { withHoles, type WithHoles } from '../language-server/completion/with-holes.js';
import type { Options } from './arguments.js';
import { settingsOf } from './completer.js';

/** The grammars, and where the bundle's own calibration lies. */
export interface HolesFor {
  readonly grammars: ReturnType<typeof grammarsFrom>;
  readonly bundleFolder: string;
}

/** Most holes where none is given. */
export const usualHoles = 2;

export async function makeHoles(
  items: readonly Completion[],
  document: Document,
  options: Options,
  bundle: string,
  { grammars, bundleFolder }: HolesFor,
): Promise<WithHoles> {
  const language = await grammars(document.languageId);
  const holes = options.maxHoles ?? usualHoles;
  if ('unusable' in language) return withHoles(items, document, language, { kind: 'none', why: '' }, holes);
  const homes = homesAround(path.dirname(document.uri), [usualStore(process.env)]);
  const found = await findPromise([...homes, bundleFolder], {
    bundle,
    pipeline: pipelineOf(settingsOf(options)),
    language: document.languageId,
    grammar: grammarOf(language),
    epsilon: options.holes!,
    holes,
  });
  return withHoles(items, document, language, found, holes);
}
