/** What became of suggestions: accepted by command, all else inferred, and what follows from rejections. */
import { describe, expect, test } from 'vitest';
import { open } from '../support/scripted-editor.js';

describe('feedback', () => {
  const rules = [{ after: ' = ', drafts: ['call(first, second);'] }];

  test('an accept is known from the command, and told once', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.accept(items[0]!);
    editor.type(' ');
    expect(editor.verdicts).toEqual([{ kind: 'accepted', item: items[0]!.id, inferred: false }]);
  });

  test('an accept without a command is inferred', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.insert(items[0]!.text);
    editor.type(' ');
    expect(editor.verdicts).toEqual([{ kind: 'accepted', item: items[0]!.id, inferred: true }]);
  });

  test('a word accepted is inferred, a letter typed is not', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.type('c');
    await editor.ask();
    expect(editor.verdicts).toEqual([]);
    editor.insert('all');
    expect(editor.verdicts).toEqual([{ kind: 'partly accepted', item: items[0]!.id, inferred: true }]);
  });

  test('typing a suggestion to its end is no accept', async () => {
    const { editor } = open('const a = ▮\n', [{ after: ' = ', drafts: ['b();'] }]);
    await editor.ask();
    for (const character of 'b();') {
      editor.type(character);
      await editor.ask();
    }
    editor.type(' ');
    expect(editor.verdicts).toEqual([]);
  });

  test('typing something else is a rejection when there was time to see the suggestion', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.pass(600);
    editor.insert('x');
    expect(editor.verdicts).toEqual([{ kind: 'rejected', item: items[0]!.id, inferred: true }]);
  });

  test('typing on while an entry of the suggest widget is highlighted is none', async () => {
    const { editor } = open('con▮\n', [{ after: 'console.log', drafts: ['(value);'] }]);
    const { items } = await editor.ask('automatic', undefined, { start: 0, end: 3, text: 'console.log' });
    expect(items).toHaveLength(1);
    editor.pass(600);
    editor.insert('s');
    expect(editor.verdicts).toEqual([]);
  });

  test('typing on at once is none', async () => {
    const { editor } = open('const a = ▮\n', rules);
    await editor.ask();
    editor.pass(100);
    editor.insert('x');
    expect(editor.verdicts).toEqual([]);
  });

  test('rejections in a row make the next suggestion wait; an accept, another file or time end that', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const reject = async () => {
      await editor.ask();
      editor.pass(600);
      editor.insert('x\nb = ');
    };
    for (let count = 0; count < 6; count++) await reject();
    await editor.ask();
    expect(editor.waits.at(-1)).toBe(800);
    editor.pass(6 * 60_000);
    editor.insert('x\nc = ');
    await editor.ask();
    expect(editor.waits.at(-1)).toBeLessThan(300);
  });

  test('a suggestion that never came for that reason says so', async () => {
    const { editor } = open('const a = ▮\n', rules);
    for (let count = 0; count < 6; count++) {
      await editor.ask();
      editor.pass(600);
      editor.insert('x\nb = ');
    }
    const abort = new AbortController();
    const asked = editor.ask('automatic', abort.signal);
    abort.abort();
    expect((await asked).silence?.reason).toBe('backing-off');
  });
});
