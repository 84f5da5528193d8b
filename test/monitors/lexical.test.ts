/** Lexical states: strings, comments, brackets and tags of each language, in one reading or by characters. */
import { describe, expect, test } from 'vitest';
import { Lexical } from '../../language-server/monitors/lexical/lexical.js';
import { lexicalRules } from '../../language-server/monitors/lexical/rules.js';

const read = (languageId: string, text: string): Lexical => {
  const rules = lexicalRules[languageId]!;
  const whole = Lexical.read(rules, text);
  const steps = text.split('').reduce((state, unit) => state.after(unit), Lexical.read(rules, ''));
  expect(describeState(steps)).toEqual(describeState(whole));
  return whole;
};

const describeState = ({ inside, open, word, blank, tail, string }: Lexical) => ({
  inside,
  open: open?.sign,
  word,
  blank,
  tail: tail && { kind: tail.kind, text: tail.text, from: tail.from },
  string: string?.quote,
});

describe('where a text leaves off', () => {
  test.each([
    ['typescript', 'a.b', 'code'],
    ['typescript', 'a // b.', 'line-comment'],
    ['typescript', 'a // b.\n', 'code'],
    ['typescript', 'a /* b.', 'block-comment'],
    ['typescript', 'a /* b. */', 'code'],
    ['typescript', '"a.', 'string'],
    ['typescript', '"a\\".', 'string'],
    ['typescript', '"a".', 'code'],
    ['typescript', '`a ${b', 'code'],
    ['typescript', '`a ${b} c', 'string'],
    ['typescript', '`a ${`b ${c', 'code'],
    ['typescript', 'a = /b.', 'string'],
    ['typescript', 'a = /[/]', 'string'],
    ['typescript', 'a = /[/]/', 'code'],
    ['typescript', 'a = b / c', 'code'],
    ['typescript', 'a = (b) / c', 'code'],
    ['typescript', 'return /c', 'string'],
    ['typescriptreact', 'a = <b>it', 'text'],
    ['typescriptreact', "a = <b>it's", 'text'],
    ['typescriptreact', "a = <b>it's {c", 'code'],
    ['typescriptreact', "a = <b>it's {c} d", 'text'],
    ['typescriptreact', "a = <b>it's</b>", 'code'],
    ['typescriptreact', "a = <b>it's <c d='e' /> f", 'text'],
    ['typescriptreact', 'a = <>b<c /></>', 'code'],
    ['typescriptreact', 'a = b < c', 'code'],
    ['typescriptreact', 'a = useState<string>(', 'code'],
    ['typescriptreact', 'const f = <T,>(a: T) => a', 'code'],
    ['python', '# a.', 'line-comment'],
    ['python', '"a', 'string'],
    ['python', '"a\n', 'code'],
    ['python', '""', 'code'],
    ['python', '"""a\n"b" ', 'string'],
    ['python', '"""a\n"""', 'code'],
    ['python', 'f"{a', 'code'],
    ['python', 'f"{a}b', 'string'],
    ['python', 'f"{a:.2', 'code'],
    ['python', 'rb"a\\"', 'string'],
    ['python', "a = ''", 'code'],
    ['rust', "let c = '\"'; a", 'code'],
    ['rust', "let c = '\\''; a", 'code'],
    ['rust', "fn f<'a>(s: &'a str) { a", 'code'],
    ['json', '{ "a', 'string'],
    ['json', '{ "a": 1', 'code'],
  ] as const)('%s: %j is in %s', (languageId, text, inside) => {
    expect(read(languageId, text).inside).toBe(inside);
  });
});

test('brackets are closed in their order', () => {
  expect(read('typescript', 'f(a, [b, {').open?.sign).toBe('{');
  expect(read('typescript', 'f(a, [b, { c }').open?.sign).toBe('[');
  expect(read('typescript', 'f(a, [b, { c }])').open).toBeUndefined();
  expect(read('typescript', 'f(")", `${"}"}`').open?.sign).toBe('(');
});

test('what the text after the cursor closes', () => {
  const rules = lexicalRules.typescript!;
  expect(Lexical.unopened(rules, ', b(c)) } // )\n"]"')).toBe(')}');
});

test('numbers are no receivers, and their dots no signs', () => {
  expect(read('typescript', 'a = 1.').tail).toMatchObject({ kind: 'number', text: '1.' });
  expect(read('typescript', 'a = .5').tail).toMatchObject({ kind: 'number', text: '.5' });
  expect(read('typescript', 'a = 1..').tail).toMatchObject({ kind: 'sign', text: '.' });
  expect(read('python', 'a = 1e-5').tail).toMatchObject({ kind: 'number', text: '1e-5' });
});

test('a long file is read in a fraction of a second, and goes on from there at once', () => {
  const text = 'export const value = call(first, "second", { third: 4 }); // fifth\n'.repeat(5_000);
  const start = performance.now();
  const state = Lexical.read(lexicalRules.typescript!, text);
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(state.after('value.').tail?.text).toBe('.');
});
