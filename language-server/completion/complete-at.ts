/** One completion without an editor: for the command line, benchmarks and tests. */
import { pathToFileURL } from 'node:url';
import type { Settings } from '../protocol.js';
import { Completer, type Completions } from './complete.js';
import type { Mode } from './completion-context.js';
import type { Document } from './document.js';
import type { Engine } from './engine.js';
import { noNeighbors, type Neighbors } from './snippets.js';

export interface HeadlessRequest {
  readonly text: string;
  /** Absolute path of the file; it need not exist. */
  readonly path: string;
  readonly languageId: string;
  /** Of the cursor, in UTF-16 units. */
  readonly offset: number;
  /** `explicit`: deterministic, without deadlines. `automatic`: with the manners and budgets of the editor. */
  readonly mode: Mode;
  readonly settings: Settings;
  readonly engine: Engine;
  /** Other files that may tell about this one. */
  readonly neighbors?: Neighbors;
}

/** Nothing is remembered from one request to the next but the engine's own cache. Rejects when the engine breaks. */
export async function completeAt(request: HeadlessRequest, signal?: AbortSignal): Promise<Completions> {
  const { text, path, languageId, offset, mode, neighbors = noNeighbors } = request;
  const document: Document = { uri: pathToFileURL(path).href, languageId, version: 0, text };
  const settings: Settings = { ...request.settings, prepareNext: false };
  let failure: Error | undefined;
  const completer = new Completer({
    engine: () => request.engine,
    settings: () => settings,
    neighbors: () => neighbors,
    wait: () => Promise.resolve(),
    schedule: (_, action) => {
      action();
    },
    now: () => performance.now(),
    judged: () => undefined,
    log: () => undefined,
    failed: (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    },
  });
  const completions = await completer.complete(
    { document, offset, mode },
    signal ?? new AbortController().signal,
  );
  if (failure) throw failure;
  return completions;
}
