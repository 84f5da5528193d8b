/** Lists of choices in holes, against an editor that does what it is told late, as one across a wire does. */
import { beforeEach, expect, test, vi } from 'vitest';

type Listener = (event: unknown) => void;

const editor = vi.hoisted(() => {
  const listeners: { changed: Listener[]; selected: Listener[] } = { changed: [], selected: [] };
  const waiting: (() => void)[] = [];
  const ran: string[] = [];
  const shown: { active: unknown } = { active: undefined };
  return { listeners, waiting, ran, shown };
});

vi.mock('vscode', () => {
  const listen = (to: Listener[]) => (listener: Listener) => {
    to.push(listener);
    return { dispose: () => to.splice(to.indexOf(listener), 1) };
  };
  return {
    commands: {
      executeCommand: (name: string) => {
        if (name === 'setContext') return Promise.resolve();
        editor.ran.push(name);
        return new Promise<void>((resolve) => editor.waiting.push(resolve));
      },
    },
    window: {
      get activeTextEditor() {
        return editor.shown.active;
      },
      onDidChangeTextEditorSelection: listen(editor.listeners.selected),
    },
    workspace: { onDidChangeTextDocument: listen(editor.listeners.changed) },
  };
});

const { createChoiceKeeper } = await import('../../extension/choices.js');

/** A document of one line. */
let text = '';
const document = {
  getText: ({ from, to }: { from: number; to: number }) => text.slice(from, to),
};

function select(from: number, to: number): void {
  const selection = { from, to, isEmpty: from === to, active: { line: 0 } };
  editor.shown.active = { document, selection };
  for (const listener of editor.listeners.selected) listener({ textEditor: editor.shown.active });
}

/** The user types at the end of what stands before `at`. */
function type(letter: string, at: number): void {
  text = text.slice(0, at) + letter + text.slice(at);
  const range = { start: { line: 0 }, end: { line: 0 } };
  for (const listener of editor.listeners.changed) listener({ document, contentChanges: [{ range }] });
  select(at + 1, at + 1);
}

/** The editor tells that it has done all that it was asked for. */
async function settle(): Promise<void> {
  for (const resolve of editor.waiting.splice(0)) resolve();
  await new Promise(setImmediate);
}

beforeEach(() => {
  editor.listeners.changed.length = editor.listeners.selected.length = 0;
  editor.waiting.length = editor.ran.length = 0;
  text = 'paint(, 4, x);';
});

/** `6` is typed into the first hole; then Tab selects what stands from `from` to `to`. */
async function typeAndTab(from: number, to: number, isLate: boolean): Promise<readonly string[]> {
  const keeper = createChoiceKeeper();
  select(6, 6);
  keeper.accepted(['4', '5']);
  type('6', 6);
  if (!isLate) await settle();
  select(from, to);
  await settle();
  await settle();
  keeper.dispose();
  return editor.ran;
}

test('the list of the next hole stays open where the one before was closed in time', async () => {
  expect(await typeAndTab(9, 10, false)).toEqual(['hideSuggestWidget']);
});

test('the list of the next hole is opened again where closing came too late', async () => {
  expect(await typeAndTab(9, 10, true)).toEqual(['hideSuggestWidget', 'editor.action.triggerSuggest']);
});

test('no list is opened in a hole that has none, or where nothing is selected', async () => {
  expect(await typeAndTab(12, 13, true)).toEqual(['hideSuggestWidget']);
  editor.ran.length = 0;
  text = 'paint(, 4, x);';
  expect(await typeAndTab(10, 10, true)).toEqual(['hideSuggestWidget']);
});
