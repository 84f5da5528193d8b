/** How long we wait before asking: by typing speed, response time, place, rejections and setting. */
import { expect, test } from 'vitest';
import { around, type CompletionContext } from '../../language-server/completion/completion-context.js';
import {
  afterGivenUp,
  afterKeystroke,
  afterResponse,
  initialPace,
  waitBefore,
  waitByClock,
} from '../../language-server/completion/debounce.js';
import { defaultSettings } from '../../language-server/default-settings.js';

function at(before: string, mode: 'automatic' | 'explicit' = 'automatic'): CompletionContext {
  const document = { uri: 'file:///a.ts', languageId: 'typescript', version: 1, text: before };
  const offset = before.length;
  return { document, mode, offset, start: offset, end: offset, ...around(before, ''), endOfLine: '\n' };
}

const wait = (pace: Partial<typeof initialPace>, before = 'const name', delayMs = 0) =>
  waitBefore(at(before), { ...initialPace, ...pace }, { ...defaultSettings, delayMs });

test('a model faster than the typist is hardly waited for, a slower one longer', () => {
  expect(wait({ typing: 250, response: 20 })).toBe(0);
  const slow = wait({ typing: 250, response: 800 });
  expect(slow).toBeGreaterThan(wait({ typing: 250, response: 250 }));
  // With the editor's own wait, less than until the next key is due.
  expect(50 + slow).toBeLessThan(250);
});

test('a slow typist and a slow model together never wait longer than 300 ms, the wait of the editor included', () => {
  expect(wait({ typing: 1900, response: 10_000 })).toBe(250);
});

test.each(['const a = ', 'call(', 'object.', 'if (a) {', '  ', 'return'])('%j', (before) => {
  const inviting = before !== 'return';
  const word = wait({ typing: 300, response: 600 }, 'name');
  expect(wait({ typing: 300, response: 600 }, before) < word).toBe(inviting);
});

test('a setting replaces what adapts', () => {
  expect(wait({ typing: 1000, response: 1000 }, 'const name', 75)).toBe(75);
});

test('rejections count from the fifth in a row, up to two seconds, whatever the setting', () => {
  const waits = [3, 4, 5, 6, 9, 50].map((rejections) => wait({ typing: 100, response: 10, rejections }));
  expect(waits).toEqual([0, 0, 400, 800, 2000, 2000]);
  expect(wait({ rejections: 7 }, 'const name', 75)).toBe(1200);
});

test('an explicit request never waits', () => {
  const pace = { typing: 1000, response: 1000, rejections: 50 };
  expect(waitBefore(at('const name', 'explicit'), pace, { ...defaultSettings, delayMs: 500 })).toBe(0);
});

test('measurements move the pace a quarter of the way; a pause says nothing about typing', () => {
  expect(afterKeystroke(initialPace, 100).typing).toBe(175);
  expect(afterKeystroke(initialPace, 5_000)).toBe(initialPace);
  expect(afterResponse(initialPace, 550).response).toBe(250);
});

test('a response given up counts only when it took longer than usual', () => {
  expect(afterGivenUp(initialPace, 100)).toBe(initialPace);
  expect(afterGivenUp(initialPace, 550).response).toBe(250);
});

test('a wait ends when it is aborted', async () => {
  const abort = new AbortController();
  const waited = waitByClock(100_000, abort.signal);
  abort.abort();
  await expect(waited).resolves.toBeUndefined();
});
