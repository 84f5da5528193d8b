/** “Pick a Draft”: a list of suggestions, the highlighted one shown in place beside the editor, Enter inserts it. */
import {
  CancellationTokenSource,
  env,
  languages,
  Position,
  window,
  workspace,
  type CancellationToken,
  type DocumentSelector,
  type QuickPickItem,
  type TextEditor,
} from 'vscode';
import type { DraftsWanted, OfferedDraft, OfferedDrafts } from '../language-server/protocol.js';
import { describeDraft } from './describe-draft.js';
import { placeAfter, type DraftPlace } from './draft-place.js';
import { createDraftPreview, type DraftPreview } from './draft-preview.js';
import { insertDraft } from './insert-draft.js';

/** Asks the server; rejects when none answers. */
export type AskForDrafts = (wanted: DraftsWanted, token: CancellationToken) => Promise<OfferedDrafts>;

export interface DraftPicker {
  pick(): Promise<void>;
  dispose(): void;
}

interface DraftItem extends QuickPickItem {
  readonly draft: OfferedDraft;
}

const SPOILED = 'The text at the cursor has changed, so the drafts no longer fit it. Nothing was inserted.';

/** `accepted` hears of the draft that was inserted. */
export function createDraftPicker(
  selector: DocumentSelector,
  ask: AskForDrafts,
  accepted: (item: string) => unknown,
): DraftPicker {
  const preview = createDraftPreview();
  const pick = async (): Promise<void> => {
    const editor = window.activeTextEditor;
    const refusal = whyNot(editor, selector);
    if (!editor || refusal !== undefined) {
      void window.showInformationMessage(`Candor: ${refusal ?? ''}`);
      return;
    }
    const outcome = await choose(editor, ask, preview).finally(() => preview.close());
    if (!outcome) return;
    if ('inserted' in outcome) {
      accepted(outcome.inserted);
      return;
    }
    await explain(outcome, pick);
  };
  return {
    pick,
    dispose: () => {
      preview.dispose();
    },
  };
}

function whyNot(editor: TextEditor | undefined, selector: DocumentSelector): string | undefined {
  if (!editor) return 'Open a file and put the cursor where the draft should go.';
  const { uri } = editor.document;
  if (workspace.fs.isWritableFileSystem(uri.scheme) === false)
    return 'This file is read-only, so no draft could be inserted.';
  if (languages.match(selector, editor.document) === 0)
    return `Drafts are written for files, new documents and cells of notebooks, not for “${uri.scheme}:”.`;
  return undefined;
}

/** What came of picking; undefined: the user left. */
type Outcome =
  | { readonly inserted: string }
  | { readonly why: string; readonly draft?: OfferedDraft; readonly again?: true }
  | undefined;

/** Runs the list until the user chooses or leaves. The document is not touched before. */
async function choose(editor: TextEditor, ask: AskForDrafts, preview: DraftPreview): Promise<Outcome> {
  const { document } = editor;
  const { active } = editor.selection;
  const cursors = editor.selections.length;
  const list = window.createQuickPick<DraftItem>();
  const source = new CancellationTokenSource();
  list.title = cursors === 1 ? 'Pick a Draft' : `Pick a Draft for the Main One of ${cursors} Cursors`;
  list.placeholder = 'Writing…';
  list.busy = true;
  list.ignoreFocusOut = true;
  const at: { place: DraftPlace | undefined } = { place: pointAt(editor, active) };
  let current: DraftItem | undefined;
  /** One preview after the other; what was highlighted meanwhile is left out. */
  let showing: Promise<void> = Promise.resolve();
  const show = () => {
    showing = showing.then(async () => {
      if (at.place && current) await preview.show(document, at.place, current.draft.text);
    });
  };
  const watcher = workspace.onDidChangeTextDocument((event) => {
    if (event.document !== document || event.contentChanges.length === 0) return;
    at.place = at.place && placeAfter(at.place, event.contentChanges);
    if (!at.place) list.placeholder = SPOILED;
    else show();
  });
  list.onDidChangeActive(([item]) => {
    current = item;
    show();
  });
  const left = new Promise<DraftItem | undefined>((resolve) => {
    list.onDidAccept(() => {
      if (list.activeItems[0]) resolve(list.activeItems[0]);
    });
    list.onDidHide(() => {
      resolve(undefined);
    });
  });
  try {
    list.show();
    const wanted = { uri: document.uri.toString(), line: active.line, character: active.character };
    const offered = await Promise.race([ask(wanted, source.token), left]);
    if (!offered || !('drafts' in offered)) return undefined;
    if (offered.drafts.length === 0) return { why: offered.why ?? 'There is no suggestion here.' };
    // Text that has been typed since moved the place; what the drafts replace goes with it.
    at.place = at.place && widened(editor, at.place, offered.drafts[0]!);
    list.busy = false;
    list.placeholder = at.place ? 'Enter inserts, Escape leaves everything as it is' : SPOILED;
    list.items = offered.drafts.map((draft) => ({ ...describeDraft(draft), alwaysShow: true, draft }));
    const chosen = await left;
    if (!chosen) return undefined;
    if (!at.place) return { why: SPOILED, draft: chosen.draft, again: true };
    const why = await insertDraft(editor, at.place, chosen.draft);
    return why === undefined ? { inserted: chosen.draft.id } : { why, draft: chosen.draft };
  } finally {
    source.cancel();
    source.dispose();
    watcher.dispose();
    list.dispose();
    current = undefined;
    await showing;
  }
}

function pointAt({ document }: TextEditor, position: Position): DraftPlace {
  const offset = document.offsetAt(position);
  return { start: offset, end: offset };
}

/** The place with the characters after the cursor that drafts write anew, such as a closing bracket. */
function widened({ document }: TextEditor, { start }: DraftPlace, draft: OfferedDraft): DraftPlace {
  const length =
    document.offsetAt(new Position(draft.end.line, draft.end.character)) -
    document.offsetAt(new Position(draft.start.line, draft.start.character));
  return { start, end: start + Math.max(0, length) };
}

/** Says why nothing was inserted, with what can still be done; the draft can be had all the same. */
async function explain(
  { why, draft, again }: { why: string; draft?: OfferedDraft; again?: true },
  pick: () => Promise<void>,
): Promise<void> {
  const choices = [...(again ? ['Ask Again'] : []), ...(draft ? ['Copy the Draft'] : [])];
  const choice = await window.showInformationMessage(`Candor: ${why}`, ...choices);
  if (choice === 'Ask Again') await pick();
  if (choice === 'Copy the Draft' && draft) await env.clipboard.writeText(draft.text);
}
