/** What joins with the text after the cursor, held against tree-sitter's errors of the whole file. */
import { describe, expect, test } from 'vitest';
import { isReadable, openPrefix } from '../../syntax/open-prefix.js';
import { extend } from '../../syntax/prefix.js';
import { suffixJoin } from '../../syntax/suffix-join.js';
import { integerBelow, pick, randomFor } from '../bench/random.js';
import { countErrors } from '../bench/syntax-judges.js';
import { denseSamples } from '../support/dense-samples.js';
import { grammarOf } from '../support/grammars.js';

async function joinsAt(name: string, around: string, written: string): Promise<boolean> {
  const language = await grammarOf(name);
  const [before = '', after = ''] = around.split('▮');
  const opened = openPrefix(language, before);
  if (!isReadable(opened)) throw new Error(opened.off);
  const end = extend(opened.prefix, written);
  return end !== undefined && suffixJoin(opened.prefix, after).joins(end);
}

const PLACES = 25;

test.each(['typescript', 'tsx', 'javascript', 'python'])(
  '%s: exact where the file has no error of its own',
  async (name) => {
    const language = await grammarOf(name);
    const random = randomFor(4, name);
    let exact = 0;
    for (let i = 0; i < PLACES; i++) {
      const { text } = pick(denseSamples(name), random)!;
      const cut = integerBelow(text.length, random);
      const end = Math.min(text.length, cut + integerBelow(30, random));
      const before = text.slice(0, cut);
      const middle = text.slice(cut, end);
      const after = text.slice(end);
      const opened = openPrefix(language, before);
      if (!isReadable(opened) || opened.prefix.repairs > 0) continue;
      const join = suffixJoin(opened.prefix, after);
      const own = countErrors(language, before + after);
      for (const written of [
        middle,
        `${middle})`,
        `${middle}}`,
        middle.slice(0, -1),
        `${middle} (`,
        `${middle} {`,
        `${middle}"`,
        `${middle},`,
        `${middle} = `,
        `${middle}\n`,
      ]) {
        const prefix = extend(opened.prefix, written);
        if (!prefix) continue;
        const errors = countErrors(language, before + written + after);
        const joined = join.joins(prefix);
        const place = JSON.stringify({ before: before.slice(-40), written, after: after.slice(0, 40) });
        if (own === 0) {
          expect(joined, place).toBe(errors === 0);
          exact++;
        } else if (errors === 0) expect(joined, place).toBe(true);
        else if (joined) expect(errors, place).toBeLessThanOrEqual(own);
      }
    }
    expect(exact).toBeGreaterThan(5);
  },
);

describe('ordinary places', () => {
  test.each([
    ['inside a call', 'typescript', 'foo(▮)\nbar();\n', 'a, b', true],
    ['a doubled bracket', 'typescript', 'foo(▮)\nbar();\n', 'a, b)', false],
    ['a lost bracket', 'typescript', 'foo(▮\nbar();\n', 'a, b', false],
    ['the bracket itself', 'typescript', 'foo(▮\nbar();\n', 'a, b);', true],
    ['inside a string', 'typescript', "const a = '▮';\n", 'it is', true],
    ['out of a string', 'typescript', "const a = '▮';\n", "it';", false],
    ['inside a template', 'typescript', 'const a = `${▮}`;\n', 'b.c', true],
    ['an empty block', 'typescript', 'function f() {\n  ▮\n}\nf();\n', 'return 1;', true],
    ['a block closed twice', 'typescript', 'function f() {\n  ▮\n}\nf();\n', 'return 1;\n}', false],
    ['before a closing tag', 'tsx', 'const a = <p>▮</p>;\n', '{b} c', true],
    ['an open tag before a closing tag', 'tsx', 'const a = <p>▮</p>;\n', '<b>c', false],
    ['after a decorator', 'python', 'class A:\n    @b\n    ▮\n\nx = 1\n', 'def c(self): pass', true],
    ['nothing after a decorator', 'python', 'class A:\n    @b\n    ▮\n\nx = 1\n', 'c', false],
    ['an empty block', 'python', 'def f():\n    ▮\n\nx = 1\n', 'return 1', true],
    ['a line that wants an end', 'python', 'def f():\n    ▮\n\nx = 1\n', 'return (1', false],
    ['a bracket that the end of the file leaves open', 'python', 'a = ▮', '[', false],
    [
      'a line in a block that ends with the file',
      'typescript',
      'function f() {\n  return ▮',
      'a.b(c);',
      true,
    ],
    ['a block that the line opens there', 'typescript', 'function f() {\n  if (a) ▮', '{', false],
    ['a function that the file leaves open', 'typescript', 'function f(a, b) {\n  ▮', 'return a + b;', true],
    [
      'a function that the file leaves open',
      'typescript',
      'function f(a, b) {\n  ▮',
      'return a + b;\n}',
      true,
    ],
    [
      'a function that the file leaves open',
      'typescript',
      'function f(a, b) {\n  ▮',
      'return a + b;\n}\n}',
      false,
    ],
    ['a function that the file leaves open', 'typescript', 'function f(a, b) {\n  ▮', 'return f(a', false],
    ['a function that the file leaves open', 'typescript', 'function f(a, b) {\n  ▮', 'return f(a, {', false],
    ['a function that the file leaves open', 'typescript', 'function f(a, b) {\n  ▮', 'if (a) {', false],
    [
      'a function that the file leaves open',
      'typescript',
      'function f(a, b) {\n  ▮',
      'if (a) {\n    return b;\n  }',
      true,
    ],
    ['a function that the file leaves open', 'typescript', 'function f(a, b) {\n  ▮', "return '(';", true],
    ['a function that the file leaves open', 'typescript', 'function f(a, b) {\n  ▮', 'return a; // (', true],
    ['one of two such blocks', 'javascript', 'class A {\n  f() {\n    ▮\n', 'g();\n  }', true],
    ['both', 'javascript', 'class A {\n  f() {\n    ▮\n', 'g();\n  }\n}', true],
    ['neither', 'javascript', 'class A {\n  f() {\n    ▮\n', 'g();', true],
    ['an argument on its own line', 'python', 'foo(\n    a,\n    ▮\n', 'b', true],
    ['an argument and the end', 'python', 'foo(\n    a,\n    ▮\n', 'b)', true],
    ['a second call', 'python', 'foo(\n    a,\n    ▮\n', 'b(', false],
    ['what the line itself has opened', 'typescript', 'foo(▮', 'a', false],
    ['what the line itself has opened, closed', 'typescript', 'foo(▮', 'a)', true],
    ['an object before more of an open class', 'typescript', 'class A {\n  b = ▮;\n  c() {}\n', '{}', true],
    ['an object that is left open there', 'typescript', 'class A {\n  b = ▮\n  c() {}\n', '{', false],
    ['a child of an open element', 'tsx', 'const a = <p>\n  ▮\n', '<b />', true],
    ['an element left open in one', 'tsx', 'const a = <p>\n  ▮\n', '<b>', false],
    ['a value at the end of the file', 'python', 'a = ▮', '[1]', true],
    ['a file broken further down', 'typescript', 'const a = ▮;\nlet = = 3;\nb();\n', '1', true],
    [
      'a file broken further down, broken here too',
      'typescript',
      'const a = ▮;\nlet = = 3;\nb();\n',
      '(1',
      false,
    ],
  ])('%s (%s): %j with %j', async (_, name, around, written, expected) => {
    expect(await joinsAt(name, around, written)).toBe(expected);
  });
});
