/** Which files count, what a cut is, and that both follow from the seed alone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cutsOf, type LineCutKind } from './cases.js';
import { languagesOf, readCorpus } from './corpus.js';
import { keptResults, shardOf } from './kept-results.js';
import { budgetOf } from './budget.js';

const code = (name: string): string =>
  Array.from({ length: 20 }, (_, line) => `  const ${name}${line} = compute(${line}, '${name}');`).join('\n');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'corpus-test-'));
  const put = (file: string, text: string | Uint8Array): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  put('one/a.ts', code('a'));
  put('one/b.tsx', code('b'));
  put('two/c.js', code('c').replaceAll('\n', '\r\n'));
  put('two/d.py', code('d'));
  put('two/e.py', `# ${'é😀'.repeat(100)}\nvalue = '${'😀'.repeat(40)}'\n${code('e')}`);
  put('two/types.d.ts', code('t'));
  put('two/page.min.js', code('m'));
  put('two/minified.js', `var a=1;${'b();'.repeat(500)}\n`);
  put('two/node_modules/x.js', code('x'));
  put('two/.hidden/x.js', code('x'));
  put('two/binary.py', new Uint8Array(1000));
  put('two/latin.py', new Uint8Array(1000).fill(0xe9));
  put('two/notes.md', code('n'));
  put('two/short.ts', 'x');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('corpus', () => {
  test('takes what a person could have typed', async () => {
    const files = await readCorpus(folder, 1);
    expect(files.map((file) => file.path).sort()).toEqual([
      'one/a.ts',
      'one/b.tsx',
      'two/c.js',
      'two/d.py',
      'two/e.py',
    ]);
    expect(languagesOf(files)).toEqual(['python', 'javascript', 'tsx', 'typescript']);
    const tsx = files.find((file) => file.path === 'one/b.tsx');
    expect(tsx).toMatchObject({ language: 'tsx', languageId: 'typescriptreact', group: 'one' });
  });

  test('orders files by seed', async () => {
    const order = async (seed: number): Promise<string> =>
      (await readCorpus(folder, seed)).map((file) => file.path).join();
    expect(await order(1)).toBe(await order(1));
    expect(new Set([await order(1), await order(2), await order(3), await order(4)]).size).toBeGreaterThan(1);
  });

  test('says what is wrong with a folder', async () => {
    await expect(readCorpus(path.join(folder, 'nowhere'), 1)).rejects.toThrow(/does not exist/);
    await expect(readCorpus(path.join(folder, 'two/.hidden/'), 1)).resolves.toHaveLength(1);
  });
});

describe('cuts', () => {
  const kinds: readonly LineCutKind[] = ['rest-of-line', 'next-line', 'middle-line'];

  test.each(kinds)('%s: what is taken out fits back in', async (kind) => {
    const files = await readCorpus(folder, 1);
    const cuts = cutsOf(files, kind, 30, 7);
    expect(cuts).toHaveLength(30);
    for (const cut of cuts) {
      expect(cut.expected.trim()).not.toBe('');
      expect(cut.expected).not.toMatch(/[\r\n]/);
      const whole = cut.before + cut.expected + cut.after;
      if (kind === 'next-line') expect(cut.file.text.startsWith(whole)).toBe(true);
      else expect(whole).toBe(cut.file.text);
      expect(new TextDecoder().decode(new TextEncoder().encode(cut.before))).toBe(cut.before);
    }
  });

  test('a whole line is cut right after its indentation, a rest inside the line', async () => {
    const files = await readCorpus(folder, 1);
    for (const cut of cutsOf(files, 'middle-line', 30, 7)) expect(cut.before).toMatch(/(^|\n)[ \t]*$/);
    for (const cut of cutsOf(files, 'rest-of-line', 30, 7)) expect(cut.before).toMatch(/\S[^\n]*$/);
  });

  test('a longer list begins with the shorter one and spreads over files', async () => {
    const files = await readCorpus(folder, 1);
    const ids = (most: number): readonly string[] =>
      cutsOf(files, 'rest-of-line', most, 7).map((cut) => cut.id);
    expect(ids(20).slice(0, 9)).toEqual(ids(9));
    expect(new Set(ids(5).map((id) => id.split(':')[0])).size).toBe(5);
  });
});

describe('kept results', () => {
  test('a second run measures only what the first left, in the same order', async () => {
    const files = await readCorpus(folder, 1);
    const cases = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
    const key = { name: 'test', commit: 'c', files, seed: 1, options: {} };
    const kept = path.join(folder, 'kept');
    const run = async (
      limit: number,
      quick = false,
    ): Promise<readonly [readonly string[], readonly number[]]> => {
      const asked: string[] = [];
      const budget = {
        ...budgetOf({ quick, minutes: undefined }),
        left: () => (asked.length < limit ? 1 : 0),
      };
      const results = await keptResults(kept, key).measureEach(budget, () => undefined)(
        'part',
        cases,
        ({ id }) => {
          asked.push(id);
          return id.charCodeAt(0);
        },
      );
      return [asked, results.map(({ result }) => result)];
    };
    expect(await run(2)).toEqual([
      ['a', 'b'],
      [97, 98],
    ]);
    expect(await run(1)).toEqual([['c'], [97, 98, 99]]);
    expect(await run(9, true)).toEqual([
      ['a', 'b', 'c', 'd'],
      [97, 98, 99, 100],
    ]);
    expect(await run(9)).toEqual([['d'], [97, 98, 99, 100]]);
    expect(await run(9)).toEqual([[], [97, 98, 99, 100]]);
  });

  test('several processes share a run, and one more without a shard tells all that they kept', async () => {
    const files = await readCorpus(folder, 1);
    const cases = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
    const key = { name: 'shared', commit: 'c', files, seed: 1, options: {} };
    const run = async (shard: string | undefined, limit: number): Promise<readonly string[]> => {
      let asked = 0;
      const budget = {
        ...budgetOf({ quick: false, minutes: undefined }),
        left: () => (asked < limit ? 1 : 0),
      };
      const kept = keptResults(
        path.join(folder, 'kept'),
        key,
        shard === undefined ? undefined : shardOf(shard),
      );
      const results = await kept.measureEach(budget, () => undefined)('part', cases, ({ id }) => {
        asked++;
        return id;
      });
      return results.map(({ result }) => result);
    };
    expect(await run('2/2', 9)).toEqual(['b', 'd']);
    expect(await run('1/2', 1)).toEqual(['a', 'b', 'd']);
    expect(await run(undefined, 0)).toEqual(['a', 'b', 'd']);
    expect(await run('1/2', 9)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(['0/2', '3/2', '1', 'a/b', '1/2/3'].map(shardOf)).toEqual(Array.from({ length: 5 }));
  });
});
