/** The generation in progress: it is joined, cancelled, or prepared ahead of an accept. */
import { describe, expect, test } from 'vitest';
import { open, openStepwise, texts } from '../support/scripted-editor.js';

describe('a generation in progress', () => {
  const rules = [{ after: 'a = ', drafts: ['call(first, second);'] }];

  test('goes on while what is typed agrees', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    const first = editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    editor.type('ca');
    expect((await first).silence?.reason).toBe('cancelled');
    const second = editor.ask();
    await advance(10);
    expect(texts(await second)).toEqual(['ll(first, second);']);
    expect(writer.requests).toHaveLength(1);
    expect(writer.cancelled).toBe(0);
  });

  test('goes on when the change comes after the cancellation', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    await advance(0);
    editor.insert('c');
    editor.pass(50);
    const second = editor.ask();
    await advance(10);
    expect(texts(await second)).toEqual(['all(first, second);']);
    expect(writer.requests).toHaveLength(1);
  });

  test('goes on while the entry selected in the suggest widget is typed, and ends with another key', async () => {
    const { editor, writer, advance } = openStepwise('con▮\n', [
      { after: 'console.log', drafts: ['(first, second, third);'] },
    ]);
    const selected = { start: 0, end: 3, text: 'console.log' };
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal, selected);
    await advance(1);
    abort.abort();
    editor.type('s');
    const again = new AbortController();
    void editor.ask('automatic', again.signal, { ...selected, end: 4 });
    await advance(2);
    expect(writer.cancelled).toBe(0);
    again.abort();
    editor.type('x');
    await advance(1);
    expect(writer.requests).toHaveLength(1);
    expect(writer.cancelled).toBe(1);
  });

  test('ends as soon as what is typed does not agree', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    editor.type('x');
    await advance(1);
    expect(writer.cancelled).toBe(1);
  });

  test('ends as soon as it writes what was not typed', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', [
      ...rules,
      { after: 'a = calm', drafts: ['Down();'] },
    ]);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    editor.insert('calm');
    const second = editor.ask();
    await advance(10);
    expect(texts(await second)).toEqual(['Down();']);
    expect(writer.requests).toHaveLength(2);
    expect(writer.cancelled).toBe(1);
  });

  test('ends when it is cancelled and nothing was typed', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    await advance(0);
    editor.pass(31);
    await advance(1);
    expect(writer.cancelled).toBe(1);
  });

  test('ends when no request follows the change', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    await advance(0);
    editor.insert('c');
    editor.pass(31);
    await advance(1);
    expect(writer.cancelled).toBe(0);
    editor.pass(400);
    await advance(1);
    expect(writer.cancelled).toBe(1);
  });

  test('gives way to a newer request elsewhere', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', [
      ...rules,
      { after: 'b = ', drafts: ['other();'] },
    ]);
    const first = editor.ask();
    await advance(1);
    editor.insert('\nconst b = ');
    const second = editor.ask();
    await advance(10);
    expect((await first).silence?.reason).toBe('cancelled');
    expect(texts(await second)).toEqual(['other();']);
    expect(writer.cancelled).toBe(1);
  });
});

describe('after an accept', () => {
  const rules = [
    { after: 'a = ', drafts: ['first();'] },
    { after: 'first();', drafts: ['\nnext();'] },
  ];

  test('the next suggestion is there already', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules, { prepareNext: true });
    const asked = editor.ask();
    await advance(10);
    const { items } = await asked;
    await advance(10);
    expect(writer.requests).toHaveLength(2);
    editor.accept(items[0]!);
    const next = await editor.ask();
    expect(texts(next)).toEqual(['\nnext();']);
    expect(next.source).toBe('memory');
  });

  test('the next suggestion is waited for when it is being written', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules, { prepareNext: true });
    const asked = editor.ask();
    await advance(4);
    const { items } = await asked;
    await advance(1);
    editor.accept(items[0]!);
    const next = editor.ask();
    await advance(10);
    expect(texts(await next)).toEqual(['\nnext();']);
    expect(writer.requests.filter(({ program }) => program.before.endsWith('first();'))).toHaveLength(1);
  });

  test('typing into the shown suggestion does not stop the preparation, another key does', async () => {
    const long = [rules[0]!, { after: 'first();', drafts: ['\nnext(with, many, more, arguments);'] }];
    const { editor, writer, advance } = openStepwise('const a = ▮\n', long, { prepareNext: true });
    const asked = editor.ask();
    await advance(4);
    await asked;
    await advance(1);
    editor.type('fi');
    await editor.ask();
    await advance(1);
    expect(writer.cancelled).toBe(0);
    editor.type('x');
    await advance(1);
    expect(writer.cancelled).toBe(1);
  });

  test('prepares what follows a closer that the suggestion replaces', async () => {
    const { editor, writer } = open(
      'call(▮)\n',
      [
        { after: 'call(', drafts: ['first)'] },
        { after: 'call(first)', drafts: ['.then(go);'] },
      ],
      { prepareNext: true },
    );
    const { items } = await editor.ask();
    await new Promise((resolve) => setImmediate(resolve));
    expect(writer.requests.at(-1)!.program).toMatchObject({ before: 'call(first)', after: '\n' });
    editor.accept(items[0]!);
    const next = await editor.ask();
    expect(texts(next)).toEqual(['.then(go);']);
    expect(next.source).toBe('memory');
  });

  test('is quiet right there when nothing is prepared by setting', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.accept(items[0]!);
    expect((await editor.ask()).silence?.reason).toBe('just-accepted');
    expect(texts(await editor.ask('explicit'))).toEqual(['\nnext();']);
    editor.type(' ');
    expect((await editor.ask()).silence?.reason).not.toBe('just-accepted');
  });

  test('prepares nothing when switched off', async () => {
    const { editor, writer } = open('const a = ▮\n', rules);
    await editor.ask();
    await new Promise((resolve) => setImmediate(resolve));
    expect(writer.requests).toHaveLength(1);
  });
});
