/** The tables that syntax/ keeps agree with each other, and the assembled lexer callbacks with their source. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import grammars from '../../syntax/grammars.json' with { type: 'json' };
import { defaultSettings } from '../../language-server/default-settings.js';
import { languages } from '../../syntax/languages.js';
import witnesses from '../../syntax/witnesses.json' with { type: 'json' };

const syntax = path.resolve(import.meta.dirname, '../../syntax');

test('every language has a grammar, and every grammar a language, witnesses and samples', () => {
  const used = new Set(Object.values(languages).map(({ grammar }) => grammar));
  expect([...used].sort()).toEqual(Object.keys(grammars).sort());
  expect(
    Object.keys(witnesses)
      .filter((name) => name !== 'common')
      .sort(),
  ).toEqual(Object.keys(grammars).sort());
  for (const grammar of used) {
    expect(
      existsSync(path.resolve(import.meta.dirname, `../cases/syntax/dense/${grammar}.txt`)),
      grammar,
    ).toBe(true);
  }
});

test('a language that is not known well enough is off by default', () => {
  const { syntax: defaults } = defaultSettings;
  for (const [id, { constrained }] of Object.entries(languages)) {
    expect(defaults[id] ?? defaults['*'], id).toBe(constrained);
  }
});

test('the lexer callbacks are those of their source', async () => {
  const { assemble } = (await import(`${syntax}/make-lexer-callbacks.mjs`)) as {
    assemble: () => Promise<string>;
  };
  const kept = readFileSync(path.join(syntax, 'lexer-callbacks.ts'), 'utf8');
  const words = (text: string) => text.replace(/[^\w/+=]/g, '');
  expect(words(kept)).toBe(words(await assemble()));
});
