/** A document read again after an edit is the document read anew. */
import { expect, test } from 'vitest';
import { isReadable, openPrefix, type OpenedPrefix } from '../../syntax/open-prefix.js';
import { extend } from '../../syntax/prefix.js';
import type { Head, StackNode } from '../../syntax/parse-stack.js';
import { integerBelow, pick, randomFor } from '../bench/random.js';
import { denseSamples } from '../support/dense-samples.js';
import { grammarOf } from '../support/grammars.js';

const EDITS = 60;
const CANDIDATES = [')', '}', ';', '\n', ' x', '"', '= 1', '</a>', ': ', 'return ', '`', '0'];

/** States and positions of a stack, top first: what decides about all further text. */
function shape(head: Head): unknown {
  const nodes = (node: StackNode): unknown => [node.state, node.position, ...node.links.map(nodes)];
  return [head.position, head.scanner, nodes(head.node)];
}

test.each(['typescript', 'tsx', 'javascript', 'python'])('%s', async (name) => {
  const language = await grammarOf(name);
  const random = randomFor(5, name);
  // Long enough for several checkpoints.
  let text = denseSamples(name)
    .map((sample) => sample.text)
    .join('\n')
    .slice(0, 6_000);
  let previous: OpenedPrefix | undefined;
  let reused = 0;
  for (let i = 0; i < EDITS; i++) {
    const at = integerBelow(text.length, random);
    const inserted = pick(['', ' ', 'x', '\n', '(', '}', 'é', '😀', 'a = b\n'], random)!;
    text = text.slice(0, at) + inserted + text.slice(at + integerBelow(3, random));
    const before = text.slice(0, integerBelow(text.length, random));
    const anew = openPrefix(language, before);
    const again = openPrefix(language, before, previous);
    expect(isReadable(again)).toBe(isReadable(anew));
    if (!isReadable(again) || !isReadable(anew)) continue;
    if (previous && again.checkpoints.some((checkpoint) => previous?.checkpoints.includes(checkpoint)))
      reused++;
    if (anew.prefix.repairs === 0) {
      expect(again.prefix.heads.map(shape)).toEqual(anew.prefix.heads.map(shape));
    }
    for (const candidate of CANDIDATES) {
      const expected = extend(anew.prefix, candidate) !== undefined;
      if (anew.prefix.repairs === 0)
        expect(extend(again.prefix, candidate) !== undefined, candidate).toBe(expected);
    }
    previous = again;
  }
  expect(reused).toBeGreaterThan(0);
});

test('forks do not disturb each other, nor texts of other documents', async () => {
  const language = await grammarOf('typescript');
  const other = await grammarOf('python');
  const one = openPrefix(language, 'const a = foo(');
  const two = openPrefix(other, 'def f(');
  if (!isReadable(one) || !isReadable(two)) throw new Error('both are readable');
  const left = extend(one.prefix, 'b, ')!;
  const right = extend(one.prefix, '"c')!;
  expect(extend(two.prefix, 'a, b=1) -> None:')).toBeDefined();
  expect(extend(left, 'd);')).toBeDefined();
  expect(extend(right, 'd);')).toBeDefined();
  expect(extend(right, '");')).toBeDefined();
  expect(extend(left, '];') === undefined).toBe(true);
  expect(extend(one.prefix, ']') === undefined).toBe(true);
});
