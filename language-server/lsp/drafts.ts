/** `candor/drafts`: the suggestions for a place, for the user to choose from; guarded, so that no request can throw. */
import type { CancellationToken } from 'vscode-languageserver/node';
import type { Document } from '../completion/document.js';
import type { Completion } from '../completion/present.js';
import { holesIn } from '../completion/read-holes.js';
import { traceLine } from '../completion/trace-line.js';
import type { DraftsWanted, OfferedDraft, OfferedDrafts } from '../protocol.js';
import { toSignal } from './from-protocol.js';
import type { Edge } from './inline-completion.js';
import { toOffset, toPosition, type PositionEncoding } from './positions.js';

/** Asks as an explicit request for ghost text would, so that what is known already costs nothing. */
export async function offerDrafts(
  edge: Edge,
  { uri, ...position }: DraftsWanted,
  token: CancellationToken,
): Promise<OfferedDrafts> {
  const rest = edge.states.busy();
  const document = edge.documents.get(uri);
  const offset = document && toOffset(document, position, edge.encoding());
  try {
    if (!document || offset === undefined) {
      rest(undefined);
      return { drafts: [], why: 'The document is not open, or has changed meanwhile. Ask again.' };
    }
    const began = performance.now();
    const mode = 'explicit';
    const completions = await edge.completer.complete({ document, offset, mode }, toSignal(token));
    const totalMs = performance.now() - began;
    const { languageId } = document;
    const line = traceLine({ uri, mode, position, languageId }, completions, totalMs);
    edge.told({ mode, completions, totalMs, line });
    rest(completions.silence);
    const drafts = completions.items.map((item) => toDraft(item, document, edge.encoding()));
    return { drafts, ...(completions.silence && { why: completions.silence.detail }) };
  } catch (error) {
    edge.failed(`${uri}: ${(error instanceof Error ? error.stack : undefined) ?? String(error)}`);
    rest(undefined);
    return { drafts: [], why: 'Candor failed; the log tells more.' };
  }
}

function toDraft(item: Completion, document: Document, encoding: PositionEncoding): OfferedDraft {
  const { id, text, snippet, start, end, draft } = item;
  return {
    id,
    text,
    ...(snippet !== undefined && { snippet }),
    start: toPosition(document, start, encoding),
    end: toPosition(document, end, encoding),
    probability: Math.exp(draft.logProb),
    tokens: draft.tokens.length,
    holes: snippet === undefined ? 0 : holesIn(snippet),
  };
}
