/** Where the causes of errors about calls lie. */
import { expect, test } from 'vitest';
import { causeOf } from '../../language-server/monitors/servers/call-errors.js';

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
  ['on an argument', other, 'a.call(b(c))', 'b(c)', 'b(c)'],
] as const)('%s', (_, error, text, blamed, expected) => {
  const start = text.indexOf(blamed);
  const span = causeOf({ start, end: start + blamed.length }, error, text);
  expect(text.slice(span.start, span.end)).toBe(expected);
});

test('of a name that begins before the text', () => {
  expect(causeOf({ start: -3, end: 2 }, lack, 'll(a)')).toEqual({ start: 4, end: 5 });
});
