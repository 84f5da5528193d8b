/** Typing into a suggestion, and asking for more of them: what is remembered is not asked again. */
import { describe, expect, test } from 'vitest';
import { open, texts } from '../support/scripted-editor.js';

describe('typing into a suggestion', () => {
  test('keeps it without asking the model', async () => {
    const { editor, writer } = open('const a = ▮\n', [{ after: 'a = ', drafts: ['call(first, second);'] }]);
    expect(texts(await editor.ask())).toEqual(['call(first, second);']);
    for (const character of 'call') {
      editor.type(character);
      await editor.ask();
    }
    const left = await editor.ask();
    expect(texts(left)).toEqual(['(first, second);']);
    expect(left.source).toBe('memory');
    expect(writer.requests).toHaveLength(1);
  });

  test('keeps its id', async () => {
    const { editor } = open('const a = ▮\n', [{ after: 'a = ', drafts: ['call(first);'] }]);
    const before = await editor.ask();
    editor.type('ca');
    expect((await editor.ask()).items[0]!.id).toBe(before.items[0]!.id);
  });

  test('takes the bracket that the editor closes meanwhile', async () => {
    const { editor, writer } = open('const a = ▮\n', [{ after: 'a = ', drafts: ['call(first);'] }]);
    await editor.ask();
    editor.type('call');
    editor.insert('(▮)');
    const left = await editor.ask();
    expect(texts(left)).toEqual(['first);']);
    expect(left.items[0]!.end - left.items[0]!.start).toBe(1);
    expect(writer.requests).toHaveLength(1);
  });

  test('goes on when a closer is typed over the one that stands there', async () => {
    const { editor, writer } = open('call(▮);\n', [{ after: 'call(', drafts: ['first).then(next);'] }]);
    await editor.ask();
    editor.type('first');
    editor.overtype(')');
    const { items } = await editor.ask();
    editor.accept(items[0]!);
    expect(editor.text()).toBe('call(first).then(next);▮\n');
    expect(writer.requests).toHaveLength(1);
  });

  test('asks anew once something else is typed, and comes back after a backspace', async () => {
    const { editor, writer } = open('const a = ▮\n', [
      { after: 'a = ', drafts: ['call(first);'] },
      { after: 'a = x', drafts: ['yz();'] },
    ]);
    await editor.ask();
    editor.type('x');
    expect(texts(await editor.ask())).toEqual(['yz();']);
    editor.backspace();
    expect(texts(await editor.ask())).toEqual(['call(first);']);
    expect(writer.requests).toHaveLength(2);
  });

  test('goes over lines', async () => {
    const { editor, writer } = open('if (a) ▮\n', [{ after: 'if (a) ', drafts: ['{\n  go();\n}'] }]);
    await editor.ask();
    editor.type('{');
    editor.insert('\n  ');
    expect(texts(await editor.ask())).toEqual(['go();\n}']);
    expect(writer.requests).toHaveLength(1);
  });

  test('shows the last character too', async () => {
    const { editor } = open('const a = ▮\n', [{ after: 'a = ', drafts: ['b();'] }]);
    await editor.ask();
    editor.type('b()');
    expect(texts(await editor.ask())).toEqual([';']);
  });

  test('works in documents with CRLF', async () => {
    const { editor, writer } = open('x;\r\nif (a) ▮\r\n', [{ after: 'if (a) ', drafts: ['{\n  go();\n}'] }]);
    expect(texts(await editor.ask())).toEqual(['{\r\n  go();\r\n}']);
    editor.insert('{\r\n  g');
    expect(texts(await editor.ask())).toEqual(['o();\r\n}']);
    expect(writer.requests).toHaveLength(1);
  });

  test('ends when the text near the cursor is another', async () => {
    const { editor, writer } = open('const a = ▮;\n', [{ after: '= ', drafts: ['call(first)'] }]);
    await editor.ask();
    editor.completer.documentChanged({ uri: 'file:///other', languageId: 'x', version: 1, text: '' });
    editor.backspace();
    editor.type(' ');
    await editor.ask();
    expect(writer.requests).toHaveLength(1);
    editor.backspace();
    editor.backspace();
    editor.backspace();
    editor.type('b= ');
    await editor.ask();
    expect(writer.requests).toHaveLength(2);
  });
});

describe('asking for more', () => {
  const rules = [{ after: 'a = ', drafts: ['first();', 'second();', 'third();'] }];

  test('keeps the first suggestion and adds the others, once', async () => {
    const { editor, writer } = open('const a = ▮\n', rules);
    const automatic = await editor.ask('automatic');
    const cycled = await editor.ask('explicit');
    expect(texts(cycled)).toEqual(['first();', 'second();', 'third();']);
    expect(cycled.items[0]).toEqual(automatic.items[0]);
    expect(writer.requests.map(({ drafts }) => drafts)).toEqual([1, 3]);
    const again = await editor.ask('explicit');
    expect(again.items).toEqual(cycled.items);
    expect(again.source).toBe('memory');
    expect(writer.requests).toHaveLength(2);
  });

  test('gives an explicit request no deadline and an automatic one the budget', async () => {
    const { editor, writer } = open('const a = ▮\n', rules, { budgetMs: 321 });
    await editor.ask('automatic');
    await editor.ask('explicit');
    expect(writer.requests.map(({ budgetMs }) => budgetMs)).toEqual([321, undefined]);
  });

  test('asks nothing when one draft is all that is wanted', async () => {
    const { editor, writer } = open('const a = ▮\n', rules, { drafts: 1 });
    await editor.ask('automatic');
    expect(texts(await editor.ask('explicit'))).toEqual(['first();']);
    expect(writer.requests).toHaveLength(1);
  });

  test('keeps what is left of a suggestion first after some of it was typed', async () => {
    const { editor } = open('const a = ▮\n', [...rules, { after: 'a = fi', drafts: ['le();', 'nd();'] }]);
    await editor.ask();
    editor.type('fi');
    await editor.ask();
    expect(texts(await editor.ask('explicit'))).toEqual(['rst();', 'le();', 'nd();']);
  });
});
