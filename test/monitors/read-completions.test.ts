/** Completion lists as servers send them: what of each item would be written at the place. */
import { expect, test } from 'vitest';
import { readCompletions } from '../../language-server/monitors/servers/read-completions.js';

const before = 'let a;\nb.c.';
const edit = (newText: string, character: number) => ({
  newText,
  range: { start: { line: 1, character }, end: { line: 1, character: 4 } },
});

test.each([
  ['a plain label', { label: 'size' }, ['size']],
  ['a label with signs', { label: 'size?' }, ['size']],
  ['text to insert', { label: 'get(key)', insertText: 'get' }, ['get']],
  ['an edit from the place on', { label: 'size', textEdit: edit('size', 4) }, ['size']],
  ['an edit that replaces the dot', { label: 'size', textEdit: edit('.size', 3) }, ['size']],
  ['an edit that puts another sign for the dot', { label: 'size', textEdit: edit('?.size', 3) }, []],
  ['a name that would be imported', { label: 'size', additionalTextEdits: [{}] }, []],
  ['what is no item', 17, []],
])('%s', (_, item, names) => {
  const read = readCompletions({ isIncomplete: false, items: [item] }, before);
  expect(read?.names.map(({ text }) => text)).toEqual(names);
});

test('words of the text are no names', () => {
  const items = [
    { label: 'size', kind: 5 },
    { label: 'include', kind: 1 },
  ];
  const names = [{ text: 'size', kind: 'property' }];
  expect(readCompletions(items, before)).toEqual({ names, isIncomplete: false, hasWords: true });
});

test('what is no list has no names', () => {
  expect(readCompletions('garbage', before)).toBeUndefined();
  expect(readCompletions(null, before)).toEqual({ names: [], isIncomplete: false, hasWords: false });
});
