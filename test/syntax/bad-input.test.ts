/** What no grammar or no person would write: the constraint is off with a reason, and nothing crashes. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { grammarConstraint } from '../../language-server/constraints/grammar-constraint.js';
import { loadGrammar } from '../../language-server/constraints/load-grammar.js';
import type { EmscriptenModule } from '../../syntax/heap.js';
import { startGrammarRuntime } from '../../syntax/grammar-runtime.js';
import { isReadable, openPrefix } from '../../syntax/open-prefix.js';
import { parseText } from '../../syntax/parsed-text.js';
import { placeAt } from '../../syntax/cursor-place.js';
import { readParseTable } from '../../syntax/parse-table.js';
import { loadLanguage } from '../../syntax/syntax-language.js';
import { integerBelow, pick, randomFor } from '../bench/random.js';
import { agrees } from '../bench/syntax-judges.js';
import { grammarFiles, grammarNames, grammarOf } from '../support/grammars.js';

/** Why a text is not read; states hold whole grammars and must not be printed. */
async function whyOff(name: string, text: string): Promise<string> {
  const opened = openPrefix(await grammarOf(name), text);
  return isReadable(opened) ? 'readable' : opened.off;
}

describe('grammars', () => {
  test.each([0, 7, 1_000, 100_000])('a grammar cut to %i bytes', async (length) => {
    const runtime = await startGrammarRuntime(await readFile(grammarFiles.runtime));
    const bytes = await readFile(grammarFiles.grammar('python'));
    const loaded = await loadLanguage(runtime, 'python', bytes.subarray(0, length));
    expect(loaded).toEqual({ unusable: expect.stringContaining('does not load') as unknown });
  });

  test('a grammar that is not there', async () => {
    const missing = { ...grammarFiles, grammar: () => '/nowhere/python.wasm' };
    expect(await loadGrammar(missing, 'python')).toEqual({
      unusable: 'there is no grammar at /nowhere/python.wasm',
    });
  });

  test.each([0, 12, 13, 16, 4_000_000_000])('a grammar of ABI %i', (abi) => {
    const memory = new ArrayBuffer(256);
    new DataView(memory).setUint32(0, abi, true);
    const module = { HEAPU8: new Uint8Array(memory) } as unknown as EmscriptenModule;
    expect(readParseTable({ module }, 0)).toEqual({
      unusable: expect.stringContaining(`ABI ${abi}`) as unknown,
    });
  });
});

describe('texts', () => {
  test('a minified line of 5 MB', async () => {
    expect(await whyOff('javascript', 'var a=[1,2,3];'.repeat(360_000))).toContain('longer than');
  });

  test('null characters', async () => {
    expect(await whyOff('typescript', 'const a = 1;\0')).toContain('null');
  });

  test('half a surrogate pair', async () => {
    expect(await whyOff('typescript', 'const a = "\uD83D";')).toContain('surrogate');
    expect(await whyOff('typescript', 'const a = "\uDE00')).toContain('surrogate');
  });

  test('characters outside the basic plane, whole', async () => {
    expect(await whyOff('typescript', 'const a = "😀')).toBe('readable');
  });

  test('the suffix may hold anything', async () => {
    const language = await grammarOf('typescript');
    for (const after of [
      '\0',
      '\uD83D',
      ')'.repeat(10_000),
      '"'.repeat(99),
      '{'.repeat(3_000),
      'x'.repeat(300_000),
    ]) {
      const judged = grammarConstraint({ language, before: 'foo(', after });
      if ('off' in judged) throw new Error(judged.off);
      using live = judged;
      expect(typeof live.constraint.after('a)')?.mayEnd()).toBe('boolean');
    }
  });

  test('brackets nested deeper than any stack', async () => {
    const language = await grammarOf('javascript');
    const before = `x = ${'['.repeat(20_000)}`;
    const judged = grammarConstraint({ language, before, after: '' });
    if ('off' in judged) throw new Error(judged.off);
    using live = judged;
    expect(live.constraint.after(']')).toBeDefined();
    expect(live.constraint.after(')') === undefined).toBe(true);
  });
});

const PIECES = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '`',
  '\n',
  '\n    ',
  '\t',
  '\r\n',
  ' ',
  'a',
  '0',
  '.5',
  ';',
  ':',
  ',',
  '=',
  '=>',
  '<',
  '>',
  '</',
  '/',
  '/*',
  '*/',
  '//',
  '#',
  '@',
  '$',
  '${',
  '\\',
  'if',
  'def ',
  'class ',
  'return ',
  'é',
  '😀',
  '\u2028',
  '\uFEFF',
  '<<',
  '"""',
  'f"',
  '%',
  '&',
  '|',
  '!',
  '~',
  '^',
  '?',
];

test.each(grammarNames)('noise in %s', async (name) => {
  const language = await grammarOf(name);
  const random = randomFor(6, name);
  for (let round = 0; round < 12; round++) {
    const text = Array.from({ length: 1 + integerBelow(40, random) }, () => pick(PIECES, random)!).join('');
    expect(agrees(language, text), JSON.stringify(text)).toBe(true);
    const cut = integerBelow(text.length, random);
    const [before, after] = [text.slice(0, cut), text.slice(cut)];
    using parsed = parseText(language, text);
    expect(['code', 'comment', 'string', 'template']).toContain(placeAt(parsed, cut).kind);
    const judged = grammarConstraint({ language, before, after });
    if ('off' in judged) {
      expect(judged.off).not.toBe('');
      continue;
    }
    using live = judged;
    let { constraint } = live;
    for (let i = 0; i < 10; i++) {
      constraint = constraint.after(pick(PIECES, random)!) ?? constraint;
      expect(typeof constraint.mayEnd()).toBe('boolean');
      constraint.closed();
    }
  }
});
