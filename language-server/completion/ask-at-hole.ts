/** Asks the model what it would write from a hole on, as if all before the hole stood there already. */
import type { Settings } from '../protocol.js';
import { askModel, type ReadyEngine } from './ask-model.js';
import { gatherContext } from './completion-context.js';
import type { Document } from './document.js';
import type { Completion } from './present.js';
import { StickySnippets, type Neighbors } from './snippets.js';
import type { AskAtHole } from './with-choices.js';

/** As many as a choice has entries. */
const DRAFTS = 3;
/** Enough for a short expression and what follows it; what is longer is no choice to read. */
const MAX_TOKENS = 12;

export function askAtHole(
  { text, start, end }: Completion,
  document: Document,
  engine: ReadyEngine,
  settings: Settings,
  neighbors: Neighbors,
  signal: AbortSignal,
): AskAtHole {
  const snippets = new StickySnippets();
  return async (characters) => {
    if (signal.aborted) return [];
    const before = document.text.slice(0, start) + text.slice(0, characters);
    const stands: Document = { ...document, text: before + document.text.slice(end) };
    const context = gatherContext({ document: stands, offset: before.length, mode: 'explicit' });
    const question = {
      context,
      settings: { ...settings, maxTokens: MAX_TOKENS, drafting: 'first-token' } as const,
      folders: neighbors.folders,
      open: neighbors.open,
      snippets: await snippets.gather(context, neighbors, settings.promptTokens),
      drafts: DRAFTS,
      idOf: String,
    };
    const { suggestions } = await askModel(question, engine, signal, () => undefined);
    return suggestions.map((one) => ({ text: one.text, tokens: one.draft.tokens }));
  };
}
