/** Which questions are equal: those are asked once. */
import { expect, test } from 'vitest';
import { moved } from '../../language-server/monitors/moved.js';
import { questionAt, type QuestionKind } from '../../language-server/monitors/questions.js';

const key = (kind: QuestionKind, written: string): string =>
  questionAt(kind, { written, back: 0, closers: '' }).key;

test('within one expression, the same names are in scope after the same sign', () => {
  expect(key('free-names', 'a && b.c( d && ')).toBe(key('free-names', 'x &&'));
  expect(key('free-names', 'a === b && ')).toBe(key('free-names', 'x &&'));
  expect(key('free-names', 'a &&')).not.toBe(key('free-names', 'a ||'));
  expect(key('free-names', 'await ')).not.toBe(key('free-names', 'new '));
});

test.each([
  ['a function', '(x) => x &&'],
  ['a block', 'if (a) { b &&'],
  ['a variable', 'let x = y &&'],
  ['an assignment', 'x = y &&'],
  ['an assigning expression', '(x := y) &&'],
  ['a comprehension', '[x for x in y] &&'],
  ['a parameter', 'lambda x: x &&'],
  ['a new line', 'a\n&&'],
])('%s may bring names into scope', (_, written) => {
  expect(key('free-names', written)).not.toBe(key('free-names', 'a &&'));
});

test('within one expression, the same receiver has the same members', () => {
  expect(key('members', 'Any, t.')).toBe(key('members', 'Union[str, t.'));
  expect(key('members', '(ledger.rows?.')).toBe(key('members', 'f(a, ledger.rows?.'));
  expect(key('members', '(a.')).not.toBe(key('members', '(b.'));
  expect(key('members', '(a.b.')).not.toBe(key('members', '(b.'));
});

test.each([
  ['a receiver that may have begun before', 't.'],
  ['the end of a longer receiver', 'f().t.'],
  ['an element', 'a[0].t.'],
  ['what is known to be', 'isinstance(t, Any) and t.'],
  ['what is not null', 'x && t.'],
  ['one case', 'x ? t.'],
  ['the other case', 'f(t.left) : f(t.'],
  ['a member of what a sign derefers', 'max(a->t.'],
  ['what is named by a path', 'use(a::t.'],
  ['a receiver behind a blank', '(f(). t.'],
  ['what a lambda binds', 'map(t -> t.'],
  ['what a closure binds', 'map(|t| t.'],
  ['a type', 'Map<t.'],
  ['a value behind types', 'new Map<t.Node>(t.'],
  ['what may be bound there', '(t) => t.'],
  ['a spread receiver', '[...t.'],
])('%s is asked about where it stands', (_, written) => {
  expect(key('members', written)).not.toBe(key('members', '(t.'));
  expect(key('members', written)).not.toBe(key('members', `x, ${written}`));
});

test('what was written before the place of a question counts once it is moved', () => {
  const question = questionAt('free-names', { written: 'b &&', back: 0, closers: '' });
  expect(moved(question, 'a || ').key).toBe(key('free-names', 'a &&'));
  expect(moved(question, '(x) => ').key).not.toBe(key('free-names', 'a &&'));
});
