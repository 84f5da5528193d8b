/** `textDocument/inlineCompletion`: convert, complete, convert back; guarded once, so that no request can throw. */
import type {
  CancellationToken,
  InlineCompletionList,
  InlineCompletionParams,
} from 'vscode-languageserver/node';
import { noCompletions, type Completer } from '../completion/complete.js';
import type { Report } from '../completion/explain.js';
import { silence, type Silence } from '../completion/silence.js';
import { traceLine } from '../completion/trace-line.js';
import type { Documents } from './documents.js';
import { fromParams, modeOf, toSignal } from './from-protocol.js';
import type { PositionEncoding } from './positions.js';
import type { States } from './states.js';
import { toList } from './to-protocol.js';

export interface Edge {
  readonly documents: Documents;
  readonly completer: Completer;
  readonly states: States;
  readonly encoding: () => PositionEncoding;
  /** Takes the report of each request. */
  readonly told: (report: Report) => void;
  /** Takes what only a bug can cause. */
  readonly failed: (message: string) => void;
}

export async function provideInlineCompletion(
  edge: Edge,
  params: InlineCompletionParams,
  token: CancellationToken,
): Promise<InlineCompletionList> {
  const rest = edge.states.busy();
  try {
    const { uri } = params.textDocument;
    const document = edge.documents.get(uri);
    const place = document && fromParams(params, document, edge.encoding());
    const began = performance.now();
    const completions = place
      ? await edge.completer.complete(place, toSignal(token))
      : noCompletions(whyNoPlace(params, document !== undefined));
    const totalMs = performance.now() - began;
    const mode = modeOf(params);
    const line = traceLine(
      { uri, mode, position: params.position, languageId: document?.languageId },
      completions,
      totalMs,
    );
    edge.told({ mode, completions, totalMs, line });
    rest(completions.silence);
    return place ? toList(completions.items, place.document, edge.encoding()) : { items: [] };
  } catch (error) {
    // A bug of ours: the user goes on typing, the log has the story.
    edge.failed(
      `${params.textDocument.uri}: ${(error instanceof Error ? error.stack : undefined) ?? String(error)}`,
    );
    rest(undefined);
    return { items: [] };
  }
}

function whyNoPlace({ textDocument, position }: InlineCompletionParams, known: boolean): Silence {
  if (!known) return silence('no-document', `The document ${textDocument.uri} is not open.`);
  const { line, character } = position;
  const where = `Line ${line + 1}, character ${character + 1}`;
  return silence('no-document', `${where} lies outside the document, or inside a character.`);
}
