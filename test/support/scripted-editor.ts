/** A miniature editor over a scripted writer, and a writer that goes on only when the test says so. */
import type { Completions } from '../../language-server/completion/complete.js';
import type { Settings } from '../../language-server/protocol.js';
import { editorAt, type MiniatureEditor } from './editor-at.js';
import { engineOf, scriptedWriter, type Rule, type ScriptedWriter } from './scripted-writer.js';

export interface Opened {
  readonly editor: MiniatureEditor;
  readonly writer: ScriptedWriter;
}

export const texts = ({ items }: Completions): readonly string[] => items.map(({ text }) => text);

/** The writer answers at once. */
export function open(program: string, rules: readonly Rule[], settings: Partial<Settings> = {}): Opened {
  const writer = scriptedWriter(rules);
  return { writer, editor: editorAt(program, engineOf(writer), settings) };
}

/** `advance` lets the writer write so many pieces of three characters. */
export function openStepwise(
  program: string,
  rules: readonly Rule[],
  settings: Partial<Settings> = {},
): Opened & { readonly advance: (count: number) => Promise<void> } {
  let steps: (() => void)[] = [];
  const writer = scriptedWriter(rules, () => new Promise((resolve) => steps.push(resolve)));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const advance = async (count: number) => {
    for (let step = 0; step < count; step++) {
      await turn();
      const released = steps;
      steps = [];
      for (const release of released) release();
    }
    await turn();
  };
  return { writer, editor: editorAt(program, engineOf(writer), settings), advance };
}
