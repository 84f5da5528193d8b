/** An editor in miniature for tests of the pipeline: one document, a cursor, a clock and a writer under the test's hand. */
import { Completer, type Completions } from '../../language-server/completion/complete.js';
import type { Mode, Selected } from '../../language-server/completion/completion-context.js';
import type { Document } from '../../language-server/completion/document.js';
import type { Engine } from '../../language-server/completion/engine.js';
import type { Verdict } from '../../language-server/completion/feedback.js';
import type { Completion } from '../../language-server/completion/present.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import type { Settings } from '../../language-server/protocol.js';

const CURSOR = '▮';

export interface MiniatureEditor {
  readonly completer: Completer;
  readonly verdicts: Verdict[];
  readonly failures: unknown[];
  /** Waits that the pipeline asked for, in milliseconds. */
  readonly waits: number[];
  engine: Engine;
  text(): string;
  /** Puts text at the cursor, in one change, and moves the cursor to its end, or to `▮` in it. */
  insert(text: string): void;
  /** One change for each character. */
  type(text: string): void;
  /** Types a closer over the same one that stands after the cursor. */
  overtype(closer: string): void;
  backspace(): void;
  ask(mode?: Mode, signal?: AbortSignal, selected?: Selected): Promise<Completions>;
  accept(item: Completion): void;
  /** Lets so many milliseconds pass. */
  pass(ms: number): void;
}

/** Opens a document with the cursor at `▮`. What settings it needs are given; nothing else is prepared or waited for. */
export function editorAt(program: string, engine: Engine, changed: Partial<Settings> = {}): MiniatureEditor {
  const settings: Settings = { ...defaultSettings, prepareNext: false, ...changed };
  let offset = program.indexOf(CURSOR);
  let document: Document = {
    uri: 'file:///project/example.ts',
    languageId: 'typescript',
    version: 1,
    text: program.replace(CURSOR, ''),
  };
  let now = 1_000_000;
  let scheduled: { readonly at: number; readonly action: () => void }[] = [];
  const waits: number[] = [];
  const verdicts: Verdict[] = [];
  const failures: unknown[] = [];

  const replace = (start: number, end: number, inserted: string) => {
    const text = document.text.slice(0, start) + inserted + document.text.slice(end);
    document = { ...document, version: document.version + 1, text };
    completer.documentChanged(document);
  };
  const insert = (text: string) => {
    const at = text.includes(CURSOR) ? text.indexOf(CURSOR) : text.length;
    const start = offset;
    offset += at;
    replace(start, start, text.replace(CURSOR, ''));
  };
  const completer = new Completer({
    engine: () => editor.engine,
    settings: () => settings,
    neighbors: () => ({ open: [document], folders: ['/project'], read: () => Promise.resolve(undefined) }),
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    schedule: (ms, action) => {
      scheduled.push({ at: now + ms, action });
    },
    now: () => now,
    judged: (verdict) => verdicts.push(verdict),
    log: () => undefined,
    failed: (error) => failures.push(error),
  });
  const editor: MiniatureEditor = {
    completer,
    verdicts,
    failures,
    waits,
    engine,
    text: () => document.text.slice(0, offset) + CURSOR + document.text.slice(offset),
    insert,
    type(text) {
      for (const character of text) {
        now += 150;
        insert(character);
      }
    },
    overtype(closer) {
      offset += closer.length;
      replace(offset - closer.length, offset, closer);
    },
    backspace() {
      offset--;
      replace(offset, offset + 1, '');
    },
    ask: (mode = 'automatic', signal = new AbortController().signal, selected) =>
      completer.complete({ document, offset, mode, ...(selected && { selected }) }, signal),
    accept({ id, text, start, end }) {
      offset = start + text.length;
      replace(start, end, text);
      completer.accepted(id);
    },
    pass(ms) {
      now += ms;
      const due = scheduled.filter(({ at }) => at <= now);
      scheduled = scheduled.filter(({ at }) => now < at);
      for (const { action } of due) action();
    },
  };
  return editor;
}
