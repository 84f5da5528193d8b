/** From our own values to LSP. */
import type { InlineCompletionItem, InlineCompletionList } from 'vscode-languageserver/node';
import type { Completion } from '../completion/present.js';
import { choicesIn } from '../completion/read-holes.js';
import type { Document } from '../completion/document.js';
import { acceptCommand } from '../protocol.js';
import { toPosition, type PositionEncoding } from './positions.js';

export function toList(
  items: readonly Completion[],
  document: Document,
  encoding: PositionEncoding,
): InlineCompletionList {
  return { items: items.map((item) => toItem(item, document, encoding)) };
}

/** Clients keep four fields and no others, so the id travels in the command, which runs once the text is inserted. */
function toItem(
  { id, text, start, end, snippet }: Completion,
  document: Document,
  encoding: PositionEncoding,
): InlineCompletionItem {
  const choices = snippet === undefined ? [] : choicesIn(snippet);
  return {
    insertText: snippet === undefined ? text : { kind: 'snippet', value: snippet },
    filterText: text,
    range: { start: toPosition(document, start, encoding), end: toPosition(document, end, encoding) },
    command: {
      title: 'Accepted',
      command: acceptCommand,
      arguments: choices.length > 0 ? [id, choices] : [id],
    },
  };
}
