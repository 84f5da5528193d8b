/** Where somebody is typing, as a change of the document tells. */
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver/node';
import { gatherContext } from '../completion/completion-context.js';
import type { Document } from '../completion/document.js';
import type { Program } from '../decoding/write-request.js';
import { toOffset, type PositionEncoding } from './positions.js';

/** The program around the end of what a change put in, where that is a sign or two; `document` is what it left. */
export function placeTypedAt(
  document: Document,
  changes: readonly TextDocumentContentChangeEvent[],
  encoding: PositionEncoding,
): (Program & { readonly uri: string }) | undefined {
  const [change] = changes;
  if (changes.length !== 1 || !change || !('range' in change)) return undefined;
  if (!TYPED.test(change.text)) return undefined;
  const start = toOffset(document, change.range.start, encoding);
  if (start === undefined) return undefined;
  const offset = start + change.text.length;
  const { before, after } = gatherContext({ document, offset, mode: 'automatic' });
  return { uri: document.uri, languageId: document.languageId, before, after };
}

/** What is typed at once, editors' own additions included, where a name begins right after it. */
const TYPED = /^[^\w\s]{1,3}$/;
