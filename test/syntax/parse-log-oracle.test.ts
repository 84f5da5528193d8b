/** Verdicts on wrong beginnings, held against tree-sitter's own parse log. */
import { expect, test } from 'vitest';
import { start } from '../../syntax/parse-stack.js';
import { extend } from '../../syntax/prefix.js';
import { isReadable, openPrefix } from '../../syntax/open-prefix.js';
import { reach } from '../../syntax/reach.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { append, emptyText } from '../../syntax/text-chain.js';
import { integerBelow, pick, randomFor } from '../bench/random.js';
import { denseSamples } from '../support/dense-samples.js';
import { grammarOf } from '../support/grammars.js';
import { survives } from '../support/parse-log.js';

const WRONG = [
  ')',
  ']',
  '}',
  ';;)',
  ' ) ',
  '(]',
  '= =',
  ',,',
  '..',
  '+ *',
  '?)',
  ' 1 2 ',
  ' "s" "t"] ',
  '\n)',
  '@@',
  '\\',
  '#$',
  ' in in ',
  ' else ',
  ' class ] ',
  ' => =>',
  ' </',
  ' : : ',
  'import import',
  '\n        x',
];
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const CASES = 50;

/** Whether some stack reads all of the text when nothing follows it. */
function readsAll({ grammar }: SyntaxLanguage, text: string): boolean {
  const chain = append(emptyText, text);
  grammar.buffer.show(chain, '');
  return reach(grammar, [start], text.length, text.length).alive;
}

test.each(['typescript', 'tsx', 'javascript', 'python'])('%s', async (name) => {
  const language = await grammarOf(name);
  const random = randomFor(3, name);
  const samples = denseSamples(name);
  let refused = 0;
  for (let i = 0; i < CASES; i++) {
    const { text } = pick(samples, random)!;
    const cut = integerBelow(text.length, random);
    const wrong = pick(WRONG, random)!;
    const opened = openPrefix(language, text.slice(0, cut));
    if (!isReadable(opened) || opened.prefix.repairs > 0) continue;
    const beginning = text.slice(0, cut) + wrong;
    expect(readsAll(language, beginning), JSON.stringify(beginning)).toBe(survives(language, beginning));
    if (extend(opened.prefix, wrong)) continue;
    refused++;
    const witnesses = [text.slice(cut), ` ${text.slice(cut)}`, ...language.witnesses.general, ...PRINTABLE];
    const refuting = witnesses.filter((witness) => survives(language, beginning, witness));
    expect(refuting, JSON.stringify(beginning)).toEqual([]);
  }
  expect(refused).toBeGreaterThan(CASES / 5);
});
