/** Typing replayed against the real server, with an editor's manners: cancel on each key, ask after a short rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource, type Position } from 'vscode-languageserver/node';
import type { ServerProcess } from './server-process.js';
import type { EditKind, TypingScript } from './typing-script.js';

/** `real`: the script's pauses. `patient`: each answer is waited for, which tells tokens on a machine too busy for time. */
export type Pace = 'real' | 'patient';

/**
 * One edit and what came of it. `first` is the edit with which the model reads the file; with `first-rested` the cursor
 * has rested there before, so that the file may have been read ahead.
 */
export interface Keystroke {
  readonly kind: EditKind | 'first' | 'first-rested';
  /** Prompt tokens that the model had to read; null when it was not asked or not allowed to finish. */
  readonly recomputed: number | null;
  /** From the keystroke to the suggestion; null when none came before the next keystroke. */
  readonly suggestionMs: number | null;
}

/** VS Code waits this long after a keystroke before it asks. */
const EDITOR_WAITS_MS = 50;
/** A person who has just come to a place, or finished there, waits for an answer, but not for ever. */
const PATIENCE_MS = 20_000;
/** A person looks at a place for so long before typing there. */
const LOOK_MS = 2_500;

/** Types a script in real time; where the cursor `rests` first, the server is told of it, as our own client does. */
export async function replay(
  script: TypingScript,
  server: ServerProcess,
  pace: Pace = 'real',
  rests = false,
): Promise<readonly Keystroke[]> {
  const uri = pathToFileURL(script.file.absolutePath).href;
  server.open(uri, script.file.languageId, script.start);
  let text = script.start;
  const firstKind: Keystroke['kind'] = rests ? 'first-rested' : 'first';
  if (rests) server.rest(uri, positionOf(text, script.edits[0]!.at));
  await sleep(LOOK_MS);
  const keystrokes: Promise<Keystroke>[] = [];
  for (const [index, edit] of script.edits.entries()) {
    const pressed = performance.now();
    const at = positionOf(text, edit.at);
    text = text.slice(0, edit.at) + edit.text + text.slice(edit.at);
    server.change(uri, index + 2, at, edit.text);
    const cancel = new CancellationTokenSource();
    const cursor = positionOf(text, edit.cursor);
    const keystroke = ask(server, uri, cursor, cancel, pressed).then((seen) => ({
      kind: index === 0 ? firstKind : edit.kind,
      ...seen,
    }));
    keystrokes.push(keystroke);
    const isWaitedFor = pace === 'patient' || index === 0 || index === script.edits.length - 1;
    if (isWaitedFor) await Promise.race([keystroke, sleep(PATIENCE_MS)]);
    else await sleep(Math.max(0, pressed + edit.pause - performance.now()));
    cancel.cancel();
  }
  const all = await Promise.all(keystrokes);
  server.close(uri);
  return all;
}

async function ask(
  server: ServerProcess,
  uri: string,
  cursor: Position,
  cancel: CancellationTokenSource,
  pressed: number,
): Promise<Omit<Keystroke, 'kind'>> {
  await sleep(EDITOR_WAITS_MS);
  const isOver = (): boolean => cancel.token.isCancellationRequested;
  const unseen = { recomputed: null, suggestionMs: null };
  if (isOver()) return unseen;
  try {
    const { list, trace } = await server.suggest(uri, cursor, cancel.token);
    if (isOver()) return unseen;
    const suggestionMs = list.items.length > 0 ? performance.now() - pressed : null;
    return { recomputed: recomputedIn(trace, cursor), suggestionMs };
  } catch (problem) {
    // A cancelled request is answered with an error, which is what was asked for.
    if (isOver()) return unseen;
    throw problem;
  }
}

/** Reads the server's own trace line; null when the model was not asked. */
export function recomputedIn(trace: string, cursor: Position): number | null {
  if (!trace.includes(`:${cursor.line + 1}:${cursor.character + 1} | `)) return null;
  const [, prompt, reused] = /\| prompt (\d+) tokens, (\d+) reused/.exec(trace) ?? [];
  return prompt === undefined || reused === undefined || Number(prompt) === 0
    ? null
    : Number(prompt) - Number(reused);
}

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split('\n').length - 1;
  return { line, character: offset - (before.lastIndexOf('\n') + 1) };
}
