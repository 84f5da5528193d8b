/** Where the causes of errors lie that are put on names. */
import { expect, test } from 'vitest';
import { causeOf } from '../../language-server/monitors/servers/misplaced-errors.js';

const lack = { on: 'name', about: 'lack' } as const;
const other = { on: 'name', about: 'arguments' } as const;

test.each([
  ['too few: where they end', lack, 'a.call(b(c), d);', 'call', ')'],
  ['none', lack, 'a.call()', 'call', ')'],
  ['others', other, 'a.call(b(c), d);', 'call', 'b(c), d)'],
  ['on the whole call', { on: 'call', about: 'lack' }, 'n = call(b(c))', 'call(b(c))', ')'],
  ['on the whole call, others', { on: 'call', about: 'arguments' }, 'n = call(b(c))', 'call(b(c))', 'b(c))'],
  ['of a call that the text does not close', lack, 'call(b', 'call', 'b'],
  ['that something is called at all', { on: 'name', about: 'calling' }, 'a.size(b)', 'a.size', '('],
  ['that something is indexed at all', { on: 'name', about: 'indexing' }, 'a.size[b] + c', 'a.size', '['],
  ['a value', { on: 'name', about: 'value' }, 'a.size = b(c, d);\nmore', 'size', 'b(c, d)'],
  ['the value of a key', { on: 'name', about: 'value' }, 'left: {}, right: []', 'left', '{}'],
  ['what is declared', { on: 'name', about: 'value' }, 'const all: { a: 1; b: 2 } = {};', 'all', '{}'],
  ['what is declared so', { on: 'name', about: 'value' }, 'let on: () => void = b;', 'on', 'on'],
  ['one of two values', { on: 'name', about: 'value' }, 'return ok ? size : 0;', 'size', 'size'],
  ['a key that takes a function', { on: 'name', about: 'assigning' }, 'on: b }', 'on', 'b '],
  ['an attribute', { on: 'name', about: 'value' }, '<a size={b} c={d} />', 'size', '{b}'],
  ['an attribute that takes a function', { on: 'name', about: 'assigning' }, '<a on={b} />', 'on', '{b}'],
  ['that a value is assigned at all', { on: 'name', about: 'assigning' }, 'a.call = b;', 'call', '='],
  ['what is not assigned', { on: 'name', about: 'value' }, 'return size == b;', 'size', 'size'],
  ['on an argument', other, 'a.call(b(c))', 'b(c)', 'b(c)'],
] as const)('%s', (_, error, text, blamed, expected) => {
  const start = text.indexOf(blamed);
  const span = causeOf({ start, end: start + blamed.length }, error, text);
  expect(text.slice(span.start, span.end)).toBe(expected);
});

test.each([
  ['a key in its line', '  ', 'left: {},', 'left', '{}'],
  ['a key behind another', 'a = { right, ', 'left: {} };', 'left', '{}'],
  ['a name that is declared, behind its type', 'const ', 'n: { a: 1 } = {};', 'n', '{}'],
  ['one of two values', 'return ok ? ', 'size : 0;', 'size', 'size'],
])('with what stands before it in its line: %s', (_, lineBefore, text, blamed, expected) => {
  const span = causeOf({ start: 0, end: blamed.length }, { on: 'name', about: 'value' }, text, lineBefore);
  expect(text.slice(span.start, span.end)).toBe(expected);
});

test('of a name that begins before the text', () => {
  expect(causeOf({ start: -3, end: 2 }, lack, 'll(a)')).toEqual({ start: 4, end: 5 });
});

test('of a name that ends before the text', () => {
  const span = { start: -9, end: -4 };
  expect(causeOf(span, { on: 'name', about: 'value' }, 'a = b')).toEqual(span);
});
