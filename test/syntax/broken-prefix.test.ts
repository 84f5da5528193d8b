/** Text that is already broken before the cursor: stepped over once, and what follows is judged as if it were whole. */
import { expect, test } from 'vitest';
import { isReadable, openPrefix, type OpenedPrefix } from '../../syntax/open-prefix.js';
import { extend } from '../../syntax/prefix.js';
import { grammarOf } from '../support/grammars.js';

async function opened(name: string, text: string, previous?: OpenedPrefix): Promise<OpenedPrefix> {
  const result = openPrefix(await grammarOf(name), text, previous);
  if (!isReadable(result)) throw new Error(result.off);
  return result;
}

test.each([
  ['typescript', 'foo(a));\nfunction f(x: number) {\n  ', 'return x;\n}\n', ['return ]', 'return )']],
  ['typescript', 'const = 1;\nclass A {\n  m() {\n    ', 'this.b();\n  }\n}\n', ['} ]', 'this..']],
  ['javascript', 'x = = 2\nfunction f() {\n  if (a) {\n    ', 'b()\n  }\n}\n', ['b(]']],
  ['tsx', 'const a = <p>}</p>;\nexport function B() {\n  return <div>', '{x}</div>;\n}\n', ['{]']],
  ['python', 'x = = 1\ndef f(a):\n    ', 'return a\n', ['return )']],
  ['python', 'def g(:\n    pass\n\nfor x in y:\n    ', 'print(x)\n', ['print(]']],
])('%s: %j', async (name, before, continuation, wrong) => {
  const { prefix } = await opened(name, before);
  expect(prefix.repairs).toBeGreaterThan(0);
  for (let i = 1; i <= continuation.length; i++) {
    expect(extend(prefix, continuation.slice(0, i)), continuation.slice(0, i)).toBeDefined();
  }
  for (const text of wrong) expect(extend(prefix, text) === undefined, text).toBe(true);
});

test('typing on after an error repairs nothing again', async () => {
  const before = 'const = 1;\nfunction f() {\n  ';
  let last = await opened('typescript', before);
  const { repairs } = last.prefix;
  for (const typed of ['r', 're', 'return', 'return 1', 'return 1;']) {
    const next = await opened('typescript', before + typed, last);
    expect(next.prefix.repairs).toBe(repairs);
    expect(next.checkpoints).toEqual(last.checkpoints);
    last = next;
  }
});

test('a text with an error in every line is not what its language says', async () => {
  const language = await grammarOf('json');
  const prose = 'The quick brown fox, it jumps: over ] the lazy } dog.\n'.repeat(60);
  const read = openPrefix(language, prose);
  expect(isReadable(read) ? 'readable' : read.off).toContain('errors');
});
