/** `textDocument/inlineCompletion`: convert, complete, convert back; guarded once, so that no request can throw. */
import type {
  CancellationToken,
  InlineCompletionList,
  InlineCompletionParams,
} from 'vscode-languageserver/node';
import { gatherContext } from '../completion/completion-context.js';
import type { Completer, Completions } from '../completion/complete.js';
import type { Report } from '../completion/explain.js';
import { silence, type Silence } from '../completion/silence.js';
import { traceLine } from '../completion/trace-line.js';
import type { Documents } from './documents.js';
import { fromParams, toSignal } from './from-protocol.js';
import type { PositionEncoding } from './positions.js';
import type { States } from './states.js';
import { toList } from './to-protocol.js';

export interface Edge {
  readonly documents: Documents;
  readonly completer: Completer;
  readonly states: States;
  readonly encoding: () => PositionEncoding;
  /** Takes the trace line and the report of each request. */
  readonly told: (line: string, report: Report | undefined) => void;
}

export async function provideInlineCompletion(
  edge: Edge,
  params: InlineCompletionParams,
  token: CancellationToken,
): Promise<InlineCompletionList> {
  const rest = edge.states.busy();
  try {
    const document = edge.documents.get(params.textDocument.uri);
    const place = document && fromParams(params, document, edge.encoding());
    if (!place) {
      const why = noPlace(params, document !== undefined);
      edge.told(`${params.textDocument.uri} | quiet: ${why.reason}: ${why.detail}`, undefined);
      rest(why);
      return { items: [] };
    }
    const began = performance.now();
    const completions: Completions = await edge.completer.complete(place, toSignal(token));
    const totalMs = performance.now() - began;
    const context = gatherContext(place);
    edge.told(traceLine(context, completions, totalMs), { context, completions, totalMs });
    rest(completions.silence);
    return toList(completions.items, place.document, edge.encoding());
  } catch (error) {
    // A bug of ours: the user goes on typing, the log has the story.
    edge.told(
      `${params.textDocument.uri} | failed: ${error instanceof Error ? error.stack : String(error)}`,
      undefined,
    );
    rest(undefined);
    return { items: [] };
  }
}

function noPlace({ textDocument, position }: InlineCompletionParams, known: boolean): Silence {
  if (!known) return silence('no-document', `The document ${textDocument.uri} is not open.`);
  const { line, character } = position;
  return silence('no-document', `Line ${line}, character ${character} lies outside the document.`);
}
