/** Beginnings that nothing can complete are refused (test/cases/syntax/dead.txt). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyPrefix, extend } from '../../syntax/prefix.js';
import { grammarOf } from '../support/grammars.js';

const file = path.resolve(import.meta.dirname, '../cases/syntax/dead.txt');

test.each(
  readFileSync(file, 'utf8')
    .split(/^== /m)
    .slice(1)
    .map((part) => {
      const [name = '', ...lines] = part.trimEnd().split('\n');
      return [name, lines.map((line) => line.replaceAll('\\n', '\n').replaceAll('\\t', '\t'))] as const;
    }),
)('%s', async (name, beginnings) => {
  const language = await grammarOf(name);
  const accepted = beginnings.filter((beginning) => extend(emptyPrefix(language), beginning));
  expect(accepted).toEqual([]);
});
