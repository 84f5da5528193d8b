/** What the client is told of our state while several requests are under way. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connection } from 'vscode-languageserver/node';
import type { ServerState } from '../../language-server/protocol.js';
import { States } from '../../language-server/lsp/states.js';
import { engineOf, scriptedWriter } from '../support/scripted-writer.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listening(): { readonly states: States; readonly told: string[] } {
  const told: string[] = [];
  const sendNotification = (_: string, { kind }: ServerState) => Promise.resolve(void told.push(kind));
  const engine = engineOf(scriptedWriter([]));
  const states = new States({ sendNotification } as unknown as Connection, () => engine);
  states.listening = true;
  return { states, told };
}

test('the end of one request is not the end of another that still runs', () => {
  const { states, told } = listening();
  const [first, second] = [states.busy(), states.busy()];
  vi.advanceTimersByTime(200);
  first(undefined);
  expect(told).toEqual(['busy']);
  second(undefined);
  expect(told).toEqual(['busy', 'ready']);
});

test('a request that is answered at once is not told', () => {
  const { states, told } = listening();
  const rest = states.busy();
  rest(undefined);
  vi.advanceTimersByTime(200);
  expect(told).toEqual(['ready']);
});
