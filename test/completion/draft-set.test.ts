/** A good set of drafts: none says the same as another, and the best is first. */
import { describe, expect, test } from 'vitest';
import { ranked } from '../../language-server/completion/rank-drafts.js';
import { meaningOf } from '../../language-server/completion/same-meaning.js';
import type { Written } from '../../language-server/decoding/write-request.js';

describe('the same', () => {
  test.each([
    ['spacing', 'call(a,b)', 'call( a, b );'],
    ['lines', 'if (a) { go(); }', 'if (a) {\n  go();\n}'],
    ['quotes', "log('a')", 'log("a")'],
    ['quotes inside quotes', `log('say "a"')`, 'log("say \\"a\\"")'],
    ['comments', 'go() // now', '/* soon */ go();'],
    [
      'the name of what is defined',
      'const result = load(a); return result;',
      'const data = load(a); return data;',
    ],
    ['the name of a parameter', 'items.map((x) => x)', 'items.map((x) => x);'],
    ['the name of an arrow’s parameter', 'items.map(x => x.id)', 'items.map(item => item.id)'],
    ['a name in a loop', 'for i in range(n):\n    go(i)', 'for k in range(n):\n    go(k)'],
  ])('%s aside', (_, one, other) => {
    expect(meaningOf(one)).toBe(meaningOf(other));
  });

  test.each([
    ['other calls', 'load(a)', 'save(a)'],
    ['other arguments', 'load(a)', 'load(b)'],
    ['other texts', "require('a')", "require('b')"],
    ['other keywords', 'return load(a)', 'await load(a)'],
    ['a member like what is defined', 'const id = a.id', 'const name = a.name'],
    ['other signs', 'a + b', 'a - b'],
    ['names run together', 'return a', 'returna'],
    ['an address is no comment', "get('http://a')", "get('http://b')"],
  ])('%s do not', (_, one, other) => {
    expect(meaningOf(one)).not.toBe(meaningOf(other));
  });
});

describe('the order', () => {
  const draft = (text: string, logProb: number, count: number, others: Partial<Written> = {}): Written => ({
    text,
    logProb,
    ending: 'line',
    tokens: Array.from({ length: count }, () => ({ token: 1, text: '', logProb: logProb / count, exit: 1 })),
    ...others,
  });
  const order = (...drafts: readonly Written[]): string =>
    ranked(drafts)
      .map(({ text }) => text)
      .join('');

  test('the likelier first', () => {
    expect(order(draft('a', -2, 4), draft('b', -1, 4))).toBe('ba');
  });

  test('length does not count against a draft as much as it costs', () => {
    expect(order(draft('a', -2, 1), draft('b', -3, 12))).toBe('ba');
    expect(order(draft('a', -1, 1), draft('b', -9, 12))).toBe('ab');
  });

  test('with what follows the cursor, where it is known, as likely as the whole is', () => {
    expect(order(draft('a', -1, 4, { following: -9 }), draft('b', -3, 12, { following: -5 }))).toBe('ba');
  });

  test('whole before cut off, sound before broken', () => {
    const [cut, broken] = [{ ending: 'length' }, { broken: true }] as const;
    expect(order(draft('a', -1, 4, broken), draft('b', -2, 4, cut), draft('c', -3, 4))).toBe('cba');
  });

  test('equal ones stay in their order', () => {
    expect(order(draft('a', -1, 4), draft('b', -1, 4))).toBe('ab');
  });
});
