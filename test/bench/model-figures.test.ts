/** The model benchmark's figures: under the names that are published, and paired where two bundles stand side by side. */
import { describe, expect, test } from 'vitest';
import type { Measured } from './benchmark.js';
import type { Cut, CutKind } from './cases.js';
import { isExact } from './model/exact.js';
import { readAtExits } from './model/exits.js';
import { modelDifferences, modelFigures, type Results } from './model/figures.js';
import type { Rewritten } from './model/rewrite.js';

const kinds: readonly CutKind[] = ['rest-of-line', 'middle-line', 'middle-lines', 'argument', 'member'];

function cut(kind: CutKind, file: string): Cut {
  const text = { path: file, text: '', language: 'python', group: '' };
  return { id: `${file}:1`, kind, file: text, before: 'a', after: 'c', expected: 'b' } as Cut;
}

/** One file of each name, written with the same outcome throughout. */
function results(outcome: Partial<Rewritten>, surprise: number, agreed: number): Results {
  const files = ['a.py', 'b.py'];
  const as = <T, R>(of: T, result: R) => ({ of, result }) as Measured<T, R>;
  const rewritten = { exact: 0, similarity: 0, shown: 1, endsItself: 0, repeatsSuffix: 0, ...outcome };
  return {
    reading: files.map((id) => as({ id, language: 'python' }, { surprise, tokens: 10 })),
    exits: files.map((id) =>
      as({ id }, [
        { layer: 15, surprise: 2 * surprise, agreed, tokens: 10 },
        { layer: 30, surprise, agreed: 10, tokens: 10 },
      ]),
    ),
    writing: kinds.flatMap((kind) => files.map((file) => as(cut(kind, file), rewritten))),
  };
}

const values = (figures: Readonly<Record<string, { readonly value: number }>>) =>
  Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, Number(value.toFixed(4))]));

test('a bundle alone', () => {
  const figures = values(modelFigures(results({ exact: 1, similarity: 1, endsItself: 1 }, 10, 7), 1));
  expect(figures).toEqual({
    'python.perplexity': 2.7183,
    ...Object.fromEntries(
      ['python', 'all'].flatMap((language) => [
        ...kinds.flatMap((kind) => {
          const name = `${language}.${kind.replaceAll('-', '_')}`;
          return [
            [`${name}_exact`, 1],
            [`${name}_similarity`, 1],
          ];
        }),
        [`${language}.shown`, 1],
        [`${language}.ends_itself`, 1],
        [`${language}.repeats_suffix`, 0],
      ]),
    ),
    'exit_15.agreement': 0.7,
    'exit_15.perplexity': 7.3891,
    'exit_30.agreement': 1,
    'exit_30.perplexity': 2.7183,
  });
});

test('two bundles side by side: gains on the same cases, ratios of perplexity below 1 where the new one is better', () => {
  const before = results({ repeatsSuffix: 1 }, 20, 5);
  const after = results({ exact: 1, endsItself: 1 }, 10, 7);
  const figures = values(modelDifferences(before, after, 1));
  expect(figures).toMatchObject({
    'python.perplexity_ratio': 0.3679,
    'python.member_exact_gain': 1,
    'python.argument_exact_gain': 1,
    'python.middle_lines_exact_gain': 1,
    'python.shown_gain': 0,
    'python.ends_itself_gain': 1,
    'python.repeats_suffix_gain': -1,
    'exit_15.agreement_gain': 0.2,
    'exit_15.perplexity_ratio': 0.1353,
  });
});

test('over all languages, how many times as much is exact; not where nothing was', () => {
  const none = results({ exact: 0 }, 10, 7);
  const half = {
    ...none,
    writing: none.writing.map(({ of, result }, index) => ({ of, result: { ...result, exact: index % 2 } })),
  };
  const all = results({ exact: 1 }, 10, 7);
  const figures = values(modelDifferences(half, all, 1));
  // Every second of them was exact before.
  expect(figures['all.member_exact_ratio']).toBe(2);
  expect(Object.keys(modelDifferences(none, all, 1)).filter((name) => name.startsWith('all.'))).toEqual([]);
});

test('cases that the other bundle was not asked are left out', () => {
  const all = results({ exact: 1 }, 10, 7);
  const few = { ...all, writing: all.writing.filter(({ of }) => of.kind === 'member') };
  const names = Object.keys(modelDifferences(few, all, 1));
  expect(names).toContain('python.member_exact_gain');
  expect(names).not.toContain('python.argument_exact_gain');
});

describe('exact', () => {
  test.each<[CutKind, string, string, string, boolean]>([
    ['member', 'map', 'map(f)', '(f)', true],
    ['member', 'map', 'mapped(f)', '(f)', false],
    ['argument', 'a, b', 'a, b);  \nmore', ');\n', true],
    ['argument', 'a, b', 'a);', ');\n', false],
    ['middle-lines', 'one\n  two', 'one\n  two\nrest', '\nrest', true],
    ['middle-lines', 'one\n  two', 'one\n\nrest', '\nrest', false],
  ])('%s %j written as %j', (kind, expected, written, after, exact) => {
    expect(isExact({ ...cut(kind, 'a.py'), expected, after }, written)).toBe(exact);
  });
});

test('an exit agrees where its likeliest token is that of full depth', async () => {
  // Two layers' exits over a vocabulary of two; a hidden state of width 1 is the logit of token 1.
  const states: Readonly<Record<number, (token: number) => number>> = {
    1: () => 5,
    2: (token) => token - 0.5,
  };
  const model = {
    bundle: { architecture: { hidden: 1, vocabulary: 2 }, exits: [{ layer: 1 }, { layer: 2 }] },
    read: (tokens: readonly number[], layer: number) =>
      Promise.resolve(Float32Array.from(tokens, (token) => states[layer]!(token))),
    head: (hidden: Float32Array) =>
      Promise.resolve(Float32Array.from([...hidden].flatMap((logit) => [0, logit]))),
  } as unknown as Parameters<typeof readAtExits>[0];
  const encode = (text: string) => Array.from(text, Number);
  const [early, full] = await readAtExits(model, encode, '01'.repeat(100));
  expect(full!.agreed).toBe(full!.tokens);
  expect(early!.agreed).toBe(early!.tokens / 2);
  expect(full!.surprise).toBeGreaterThan(0);
});
